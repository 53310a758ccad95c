import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { temporaryDirectory } from '../../support/ootheca-process';
import { repoRoot } from '../../support/shared';
import { type OrmServer, startOrmServer } from './support';

/** node-pg-migrate through its command line: each migration in a transaction of its own, under its advisory lock. */

const MIGRATIONS: Readonly<Record<string, string>> = {
  '1700000000001_accounts.js': `
exports.up = (pgm) => {
  pgm.createType('account_kind', ['checking', 'savings']);
  pgm.createTable('accounts', {
    id: { type: 'uuid', primaryKey: true, default: pgm.func('gen_random_uuid()') },
    owner: { type: 'varchar(100)', notNull: true },
    kind: { type: 'account_kind', notNull: true, default: 'checking' },
    balance: { type: 'numeric(14,2)', notNull: true, default: 0, check: 'balance >= 0' },
    opened: { type: 'timestamptz', notNull: true, default: pgm.func('current_timestamp') },
    tags: { type: 'text[]', notNull: true, default: '{}' },
  }, { comment: 'what people own' });
  pgm.createIndex('accounts', ['owner', { name: 'opened', sort: 'DESC' }], { name: 'accounts_owner' });
  pgm.createIndex('accounts', 'kind', { where: 'balance > 0', name: 'accounts_filled' });
};
exports.down = (pgm) => {
  pgm.dropTable('accounts');
  pgm.dropType('account_kind');
};
`,
  '1700000000002_transfers.js': `
exports.up = (pgm) => {
  pgm.createSequence('transfer_numbers', { start: 100, increment: 10 });
  pgm.createTable('transfers', {
    number: { type: 'bigint', primaryKey: true, default: pgm.func("nextval('transfer_numbers')") },
    source: { type: 'uuid', notNull: true, references: 'accounts', onDelete: 'CASCADE' },
    target: { type: 'uuid', notNull: true, references: 'accounts', onDelete: 'CASCADE' },
    amount: { type: 'numeric(14,2)', notNull: true },
  });
  pgm.addConstraint('transfers', 'transfers_amount', { check: 'amount > 0' });
  pgm.addConstraint('transfers', 'transfers_unique', { unique: ['source', 'target', 'amount'] });
  pgm.addColumns('accounts', { note: { type: 'text' }, closed: { type: 'boolean', notNull: true, default: false } });
  pgm.renameColumn('accounts', 'owner', 'holder');
  pgm.createView('balances', {}, 'SELECT holder, sum(balance) AS total FROM accounts GROUP BY holder');
  pgm.sql("INSERT INTO accounts (id, holder, balance) VALUES ('00000000-0000-0000-0000-000000000001', 'bank', 1000)");
};
exports.down = (pgm) => {
  pgm.dropView('balances');
  pgm.dropTable('transfers');
  pgm.dropSequence('transfer_numbers');
  pgm.renameColumn('accounts', 'holder', 'owner');
  pgm.dropColumns('accounts', ['note', 'closed']);
};
`,
  '1700000000003_broken.js': `
exports.up = (pgm) => {
  pgm.createTable('half', { id: 'id' });
  pgm.sql('SELECT 1/0');
};
exports.down = (pgm) => {
  pgm.dropTable('half');
};
`,
};

const directory = temporaryDirectory();
let server: OrmServer;
let client: Client;

function migrate(...args: readonly string[]): {
  readonly status: number | null;
  readonly said: string;
} {
  const main = join(repoRoot, 'node_modules', 'node-pg-migrate', 'bin', 'node-pg-migrate.js');
  const done = spawnSync(
    process.execPath,
    [main, '-m', join(directory.path, 'migrations'), ...args],
    {
      cwd: directory.path,
      env: { ...process.env, DATABASE_URL: server.url },
      encoding: 'utf8',
      timeout: 40_000,
    },
  );
  return { status: done.status, said: done.stdout + done.stderr };
}

beforeAll(async () => {
  const migrations = join(directory.path, 'migrations');
  mkdirSync(migrations);
  for (const [name, text] of Object.entries(MIGRATIONS))
    writeFileSync(join(migrations, name), text);
  server = await startOrmServer();
  client = new Client({ ...server.connection });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await server?.stop();
  directory.remove();
});

test('migrations go up', () => {
  const { status, said } = migrate('up', '2');
  expect({ status, said }).toMatchObject({ status: 0 });
  expect(said).toContain('Migrations complete!');
});

test('a migration that fails leaves nothing of itself', async () => {
  const { status, said } = migrate('up');
  expect(status).not.toBe(0);
  expect(said).toContain('division by zero');
  expect(await server.objects()).not.toContain('half (base table)');
  expect(await server.column('SELECT name FROM pgmigrations ORDER BY id')).toEqual([
    '1700000000001_accounts',
    '1700000000002_transfers',
  ]);
});

test('rows are written and read', async () => {
  const opened = await client.query<{ id: string; kind: string; balance: string; tags: string[] }>(
    `INSERT INTO accounts (holder, balance, tags) VALUES ($1, $2, $3), ($4, $5, DEFAULT) RETURNING *`,
    ['ada', '100.00', ['a', 'b'], 'bob', 5],
  );
  expect(opened.rows).toMatchObject([
    { kind: 'checking', balance: '100.00', tags: ['a', 'b'], closed: false },
    { kind: 'checking', balance: '5.00', tags: [] },
  ]);
  const [ada, bob] = opened.rows.map(({ id }) => id);
  await client.query('BEGIN');
  await client.query('UPDATE accounts SET balance = balance - $2 WHERE id = $1', [ada, 30]);
  await client.query('UPDATE accounts SET balance = balance + $2 WHERE id = $1', [bob, 30]);
  const transfer = await client.query(
    'INSERT INTO transfers (source, target, amount) VALUES ($1, $2, $3) RETURNING number',
    [ada, bob, 30],
  );
  await client.query('COMMIT');
  expect(transfer.rows).toEqual([{ number: '100' }]);
  const balances = await client.query('SELECT * FROM balances ORDER BY holder');
  expect(balances.rows).toEqual([
    { holder: 'ada', total: '70.00' },
    { holder: 'bank', total: '1000.00' },
    { holder: 'bob', total: '35.00' },
  ]);
  await expect(
    client.query('UPDATE accounts SET balance = balance - 1000 WHERE id = $1', [bob]),
  ).rejects.toMatchObject({ code: '23514' });
  await client.query('DELETE FROM accounts WHERE id = $1', [ada]);
  expect((await client.query('SELECT * FROM transfers')).rows).toEqual([]);
});

test('migrations go down and leave nothing', async () => {
  const { status, said } = migrate('down', '2');
  expect({ status, said }).toMatchObject({ status: 0 });
  expect(await server.objects()).toEqual(['pgmigrations (base table)']);
});
