# ActiveRecord with its own adapter for PostgreSQL: a migration up and down, and what models do in between.
require 'json'
require 'active_record'

host, port, database = ARGV
ActiveRecord::Base.establish_connection(
  adapter: 'postgresql', host: host, port: port, username: 'root', database: database
)
ActiveRecord::Migration.verbose = false

class People < ActiveRecord::Migration[6.1]
  def change
    create_table :ar_people do |t|
      t.string :name, null: false, index: { unique: true }
      t.jsonb :data
      t.decimal :n, precision: 10, scale: 2
      t.timestamps
    end
    create_table :ar_pets do |t|
      t.references :ar_person, foreign_key: { to_table: :ar_people }
      t.integer :age
    end
    add_column :ar_pets, :tags, :string, array: true
    add_index :ar_pets, [:age]
  end
end

class ArPerson < ActiveRecord::Base
  has_many :ar_pets
end

class ArPet < ActiveRecord::Base
  belongs_to :ar_person
end

People.migrate(:up)
result = { version: ActiveRecord.version.to_s }
ann = ArPerson.create!(name: 'ann', data: { 'k' => [1] }, n: '1.50')
ann.ar_pets.create!(age: 3, tags: %w[a b])
result[:read] = [ArPerson.joins(:ar_pets).where(ar_pets: { age: 3 }).first.data, ArPet.first.tags, ArPerson.first.n.to_s]
begin
  ArPerson.create!(name: 'ann')
rescue ActiveRecord::RecordNotUnique
  result[:duplicate] = true
end
ArPerson.transaction do
  ann.update!(name: 'bea')
  raise ActiveRecord::Rollback
end
result[:kept] = ArPerson.first.name
result[:locked] = ArPerson.lock.find(ann.id).name
ArPerson.insert_all([{ name: 'x', created_at: Time.now, updated_at: Time.now }])
result[:count] = ArPerson.count
result[:columns] = ArPet.columns.map(&:name)
People.migrate(:down)
result[:left] = ArPerson.connection.tables.grep(/^ar_p/)
puts JSON.generate(result)
