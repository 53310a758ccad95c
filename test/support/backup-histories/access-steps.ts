import type { Random } from '../fuzz/random';
import type { Table } from './random-table';

/** Who owns what and may do what, and what is said about it. `{database}` stands for the database. */

export const USERS = ['CREATE USER IF NOT EXISTS alice', 'CREATE ROLE IF NOT EXISTS staff'];

export function accessSteps(random: Random, table: Table): string[] {
  const user = random.pick(['alice', 'staff', 'public']);
  const owner = random.pick(['alice', 'staff', 'root']);
  const { name } = table;
  return random.pick([
    [
      `GRANT ${random.pick(['SELECT', 'INSERT, DELETE', 'ALL', 'ZONECONFIG'])} ON ${name} TO ${user}`,
    ],
    [`REVOKE ${random.pick(['SELECT', 'DELETE', 'ALL'])} ON ${name} FROM ${user}`],
    [`GRANT CREATE, CONNECT ON DATABASE {database} TO ${user}`],
    [`REVOKE ${random.pick(['CONNECT', 'ALL'])} ON DATABASE {database} FROM ${user}`],
    [`GRANT USAGE, CREATE ON SCHEMA s TO ${user}`, `REVOKE CREATE ON SCHEMA s FROM ${user}`],
    [`GRANT USAGE ON TYPE mood TO ${user}`, `GRANT USAGE, SELECT ON SEQUENCE sq TO ${user}`],
    [`REVOKE USAGE ON TYPE mood FROM public`],
    [`GRANT SELECT ON * TO ${user}`],
    [`ALTER TABLE ${name} OWNER TO ${owner}`],
    [`ALTER DATABASE {database} OWNER TO ${owner}`],
    [`ALTER SCHEMA s OWNER TO ${owner}`, `ALTER TYPE s.color OWNER TO ${owner}`],
    [`ALTER SEQUENCE sq OWNER TO ${owner}`],
    [
      `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${user}`,
      `CREATE TABLE granted${table.count++} (a INT8 PRIMARY KEY)`,
    ],
    [`ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM ${user}`],
  ]);
}

export function commentSteps(random: Random, table: Table): string[] {
  const comment = random.pick(["'said'", "'it''s'", "'ünï'", "''", 'NULL']);
  const number = random.below(table.count + 1);
  return [
    `COMMENT ON ${random.pick([
      `TABLE ${table.name}`,
      `COLUMN ${table.name}.${random.pick(table.columns).name}`,
      `INDEX ${table.name}@i${number}`,
      'DATABASE {database}',
    ])} IS ${comment}`,
  ];
}
