require 'json'
require 'pg'

host, port, database = ARGV
conn = PG.connect(host: host, port: port, user: 'root', dbname: database)

result = conn.exec('SELECT * FROM v WHERE id IN (1, 2) ORDER BY id')
rows = result.values
marks = (1..result.nfields).map { |i| "$#{i}" }.join(', ')
rows.each do |row|
  row[0] = (row[0].to_i + 10).to_s
  conn.exec_params("INSERT INTO v VALUES (#{marks})", row)
end

conn.prepare('twice', 'SELECT $1::INT8 * 2')
prepared = (1..10).sum { |i| conn.exec_prepared('twice', [i])[0].values.first.to_i }

counts = %w[ROLLBACK COMMIT].map do |ending|
  conn.exec('BEGIN')
  conn.exec('INSERT INTO w VALUES (1)')
  conn.exec(ending)
  conn.exec('SELECT count(*) FROM w')[0]['count'].to_i
end

errors = []
conn.exec('BEGIN')
['INSERT INTO w VALUES (1)', 'SELECT 1'].each do |sql|
  conn.exec(sql)
rescue PG::Error => e
  errors << e.result.error_field(PG::PG_DIAG_SQLSTATE)
end
conn.exec('ROLLBACK')

copied_in = conn.copy_data('COPY w FROM STDIN') do
  (1000...2000).each { |i| conn.put_copy_data("#{i}\n") }
end.cmd_tuples
copied_out = 0
conn.copy_data('COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT') do
  copied_out += 1 while conn.get_copy_data
end

Thread.new do
  sleep 0.5
  conn.cancel
end
begin
  conn.async_exec('SELECT pg_sleep(60)')
  cancel = 'none'
rescue PG::Error => e
  cancel = e.result.error_field(PG::PG_DIAG_SQLSTATE)
end

count = total = 0
conn.send_query("SELECT g, 'row ' || g FROM generate_series(1, 50000) AS g")
conn.set_single_row_mode
conn.get_result.stream_each_row do |row|
  count += 1
  total += row[0].to_i
end
conn.get_result

conn.enter_pipeline_mode
(5000...5100).each { |i| conn.send_query_params('INSERT INTO w VALUES ($1)', [i]) }
conn.pipeline_sync
100.times { conn.get_result; conn.get_result }
conn.get_result
conn.exit_pipeline_mode
piped = conn.exec('SELECT count(*) FROM w WHERE a >= 5000')[0]['count'].to_i

puts JSON.generate(
  version: PG::VERSION, values: rows.size == 2, prepared: prepared, transaction: counts, errors: errors,
  copy: [copied_in, copied_out], cancel: cancel, large: [count, total], pipeline: piped
)
