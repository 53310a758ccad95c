import knex, { type Knex } from 'knex';
import { type OrmServer, startOrmServer } from './support';

/** Knex with its `cockroachdb` dialect: migrations up and down through its own migrator, then queries as applications write them. */

const library: Knex.Migration = {
  async up(db) {
    await db.schema.createTable('authors', (t) => {
      t.uuid('id').primary().defaultTo(db.raw('gen_random_uuid()'));
      t.string('name', 120).notNullable();
      t.string('email').notNullable().unique();
      t.enu('rank', ['novice', 'master'], { useNative: true, enumName: 'author_rank' })
        .notNullable()
        .defaultTo('novice');
      t.jsonb('profile').notNullable().defaultTo('{}');
      t.boolean('active').notNullable().defaultTo(true);
      t.timestamps(true, true);
    });
    await db.schema.createTable('books', (t) => {
      t.increments('id');
      t.uuid('author_id').notNullable().references('id').inTable('authors').onDelete('CASCADE');
      t.string('title').notNullable();
      t.text('blurb');
      t.decimal('price', 8, 2).notNullable().defaultTo(0);
      t.date('published');
      t.specificType('tags', 'STRING[]').notNullable().defaultTo('{}');
      t.integer('pages').checkPositive();
      t.index(['author_id', 'published'], 'books_by_author');
      t.unique(['author_id', 'title']);
    });
    await db.schema.createTable('readings', (t) => {
      t.bigInteger('book_id').notNullable();
      t.string('reader').notNullable();
      t.smallint('stars').notNullable();
      t.primary(['book_id', 'reader']);
      t.foreign('book_id').references('books.id').onDelete('CASCADE').onUpdate('CASCADE');
    });
  },
  async down(db) {
    await db.schema.dropTable('readings');
    await db.schema.dropTable('books');
    await db.schema.dropTable('authors');
    await db.raw('DROP TYPE author_rank');
  },
};

const shelves: Knex.Migration = {
  async up(db) {
    await db.schema.createTable('shelves', (t) => {
      t.bigIncrements('id');
      t.string('label').notNullable();
    });
    await db.schema.alterTable('books', (t) => {
      t.bigInteger('shelf_id').references('id').inTable('shelves').onDelete('SET NULL');
      t.string('isbn', 13);
      t.renameColumn('blurb', 'summary');
      t.setNullable('pages');
    });
    await db.schema.alterTable('books', (t) => {
      t.unique(['isbn'], { indexName: 'books_isbn_unique' });
      t.index('shelf_id');
    });
    await db('shelves').insert([{ label: 'A' }, { label: 'B' }]);
    await db.schema.createView('catalogue', (view) => {
      view.columns(['title', 'author']);
      view.as(
        db('books')
          .join('authors', 'authors.id', 'books.author_id')
          .select('books.title', 'authors.name'),
      );
    });
  },
  async down(db) {
    await db.schema.dropView('catalogue');
    await db.schema.raw('DROP INDEX books_isbn_unique CASCADE');
    await db.schema.alterTable('books', (t) => {
      t.dropIndex('shelf_id');
      t.dropForeign('shelf_id');
      t.renameColumn('summary', 'blurb');
    });
    await db.schema.alterTable('books', (t) => {
      t.dropColumn('shelf_id');
      t.dropColumn('isbn');
    });
    await db.schema.dropTable('shelves');
  },
};

const migrations: Record<string, Knex.Migration> = {
  '001_library': library,
  '002_shelves': shelves,
};

const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations),
  getMigrationName: (name) => name,
  getMigration: async (name) => migrations[name] as Knex.Migration,
};

interface Author {
  id: string;
  name: string;
  email: string;
  rank: string;
  profile: { city?: string };
}

let server: OrmServer;
let db: Knex;

beforeAll(async () => {
  server = await startOrmServer();
  db = knex({
    client: 'cockroachdb',
    connection: { ...server.connection },
    pool: { min: 0, max: 4 },
    migrations: { migrationSource },
  });
});
afterAll(async () => {
  await db?.destroy();
  await server?.stop();
});

const BOOKKEEPING = ['knex_migrations (base table)', 'knex_migrations_lock (base table)'];

test('migrations go up, one by one and in a batch', async () => {
  await db.migrate.up();
  expect(await db.migrate.currentVersion()).toBe('001');
  await db.migrate.latest();
  expect(await db.migrate.currentVersion()).toBe('002');
  expect(await db.schema.hasTable('shelves')).toBe(true);
  expect(await db.schema.hasColumn('books', 'summary')).toBe(true);
  expect(await db.schema.hasColumn('books', 'blurb')).toBe(false);
  expect(await db('books').columnInfo('isbn')).toMatchObject({ maxLength: '13', nullable: true });
});

describe('queries', () => {
  let ada: string;
  let bob: string;

  test('insert with RETURNING; defaults are filled in', async () => {
    const rows = await db<Author>('authors')
      .insert([
        { name: 'Ada', email: 'ada@example.com', rank: 'master', profile: { city: 'London' } },
        { name: 'Bob', email: 'bob@example.com' },
      ])
      .returning('*');
    expect(rows).toMatchObject([
      { name: 'Ada', rank: 'master', profile: { city: 'London' }, active: true },
      { name: 'Bob', rank: 'novice', profile: {}, active: true },
    ]);
    [ada, bob] = rows.map(({ id }) => id) as [string, string];
    expect(ada).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('rows that reference others; arrays, decimals, dates', async () => {
    const shelf = await db('shelves').where({ label: 'A' }).first('id');
    await db('books').insert([
      {
        author_id: ada,
        title: 'Notes',
        price: '12.50',
        published: '1843-07-10',
        tags: ['a', 'b'],
        shelf_id: shelf.id,
      },
      { author_id: ada, title: 'Letters', price: 7, tags: [], pages: 90 },
      { author_id: bob, title: 'Words', price: '0.99' },
    ]);
    const notes = await db('books').where({ title: 'Notes' }).first();
    expect(notes).toMatchObject({ price: '12.50', tags: ['a', 'b'], pages: null });
    await db('readings').insert({ book_id: notes.id, reader: 'cy', stars: 4 });
  });

  test('joins, groups, having, sub-queries, CTEs', async () => {
    const byAuthor = await db('authors as a')
      .leftJoin('books as b', 'b.author_id', 'a.id')
      .groupBy('a.id', 'a.name')
      .having(db.raw('count(b.id) > ?', [1]))
      .orderBy('a.name')
      .select('a.name')
      .count({ books: 'b.id' })
      .sum({ total: 'b.price' });
    expect(byAuthor).toEqual([{ name: 'Ada', books: '2', total: '19.50' }]);
    const dear = await db
      .with('dear', (qb) => qb.from('books').where('price', '>', 5).select('author_id', 'title'))
      .from('dear')
      .whereIn('author_id', db('authors').where('email', 'like', 'ada%').select('id'))
      .orderBy('title')
      .pluck('title');
    expect(dear).toEqual(['Letters', 'Notes']);
    const page = await db('catalogue').orderBy('title').limit(1).offset(1);
    expect(page).toEqual([{ title: 'Notes', author: 'Ada' }]);
    expect(
      await db('authors')
        .whereRaw(`profile @> ?`, [{ city: 'London' }])
        .pluck('name'),
    ).toEqual(['Ada']);
  });

  test('upsert, update, increment, delete with counts', async () => {
    await db('readings')
      .insert({
        book_id: (await db('books').where({ title: 'Notes' }).first()).id,
        reader: 'cy',
        stars: 5,
      })
      .onConflict(['book_id', 'reader'])
      .merge();
    expect(await db('readings').pluck('stars')).toEqual([5]);
    await db('authors')
      .insert({ name: 'x', email: 'ada@example.com' })
      .onConflict('email')
      .ignore();
    expect(await db('authors').count()).toEqual([{ count: '2' }]);
    expect(await db('books').where('price', '<', 10).update({ summary: 'cheap' })).toBe(2);
    expect(
      await db('books').where({ title: 'Words' }).increment('price', 1).returning('price'),
    ).toEqual([{ price: '1.99' }]);
    expect(await db('authors').where({ id: bob }).del()).toBe(1);
    expect(await db('books').where({ author_id: bob })).toEqual([]);
  });

  test('transactions: rollback on an error, savepoints of nested ones, row locks', async () => {
    await expect(
      db.transaction(async (trx) => {
        await trx('authors').where({ id: ada }).update({ name: 'Lady Ada' });
        await trx('authors').insert({ name: 'dup', email: 'ada@example.com' });
      }),
    ).rejects.toMatchObject({ code: '23505', constraint: 'authors_email_unique' });
    expect(await db('authors').where({ id: ada }).first('name')).toEqual({ name: 'Ada' });
    await db.transaction(async (trx) => {
      await trx('authors').where({ id: ada }).forUpdate().first();
      await trx('authors').where({ id: ada }).update({ name: 'Countess' });
      await trx
        .transaction(async (inner) => {
          await inner('authors').where({ id: ada }).update({ name: 'lost' });
          await inner.rollback();
        })
        .catch(() => undefined);
    });
    expect(await db('authors').where({ id: ada }).first('name')).toEqual({ name: 'Countess' });
  });

  test('violated constraints carry their SQLSTATE', async () => {
    const book = { author_id: ada, title: 'Bad' };
    await expect(db('books').insert({ ...book, pages: -1 })).rejects.toMatchObject({
      code: '23514',
    });
    await expect(db('books').insert({ title: 'No one' })).rejects.toMatchObject({ code: '23502' });
    await expect(
      db('books').insert({ ...book, author_id: '00000000-0000-0000-0000-000000000000' }),
    ).rejects.toMatchObject({ code: '23503' });
    await expect(db('nowhere').select()).rejects.toMatchObject({ code: '42P01' });
  });
});

test('migrations go down again and leave nothing', async () => {
  await db.migrate.down();
  expect(await db.schema.hasColumn('books', 'blurb')).toBe(true);
  await db.migrate.rollback(undefined, true);
  expect(await server.objects()).toEqual(BOOKKEEPING);
});
