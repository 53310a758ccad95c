import type { Random } from '../fuzz/random';
import type { Table } from './random-table';

/** Writes that leave rows as they are, or replace all of them, and blocks of which parts are undone. */

const listOf = (table: Table): string => table.columns.map(({ name }) => name).join(', ');

export function rewrites(random: Random, table: Table): string[] {
  const { name } = random.pick(table.columns);
  const list = listOf(table);
  return random.pick([
    [`UPDATE ${table.name} SET ${name} = ${name}`],
    ['BEGIN', `UPDATE ${table.name} SET id = -id`, `UPDATE ${table.name} SET id = -id`, 'COMMIT'],
    [`UPSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${table.name}`],
    [`DELETE FROM ${table.name}`],
    [
      `CREATE TABLE spare AS SELECT ${list} FROM ${table.name}`,
      random.pick([`DELETE FROM ${table.name}`, `TRUNCATE ${table.name} CASCADE`]),
      `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM spare`,
      'DROP TABLE spare',
    ],
    [
      `INSERT INTO ${table.name} (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = excluded.id + 50`,
    ],
    [`DELETE FROM ${table.name} ORDER BY id LIMIT 3`],
    [`UPDATE ${table.name} SET id = id + 7 WHERE id % 2 = 0 RETURNING id`],
    [
      `WITH gone AS (DELETE FROM ${table.name} WHERE id < 9 RETURNING id) SELECT count(*) FROM gone`,
    ],
  ]);
}

/** Values that do not fit in a page. */
export function largeRows(random: Random, table: Table): string[] {
  const column = table.columns.find(({ type }) => ['STRING', 'BYTES'].includes(type.name));
  if (column === undefined)
    return [
      `ALTER TABLE ${table.name} ADD COLUMN IF NOT EXISTS large STRING`,
      `UPDATE ${table.name} SET large = repeat('large', 2000) WHERE id % 5 = 0 AND id < 100`,
    ];
  const bytes = 1 + random.below(40_000);
  const value = `repeat(md5(id::STRING), ${Math.ceil(bytes / 32)})${column.type.name === 'BYTES' ? '::BYTES' : ''}`;
  return [
    `UPDATE ${table.name} SET ${column.name} = ${value} WHERE id % ${1 + random.below(5)} = 0 AND id < 100`,
  ];
}

/** A block around other steps, some of which are taken back. @param step another one's statements */
export function block(random: Random, step: () => string[]): string[] {
  const isAlone = (sql: string) => /^(BEGIN|COMMIT|RESTORE|USE|SET|RESET)\b/.test(sql);
  const steps = () =>
    random
      .list(1, 2, step)
      .flat()
      .filter((sql) => !isAlone(sql));
  const undone = random.chance(0.6)
    ? ['SAVEPOINT a', ...steps(), random.pick(['ROLLBACK TO SAVEPOINT a', 'RELEASE SAVEPOINT a'])]
    : [];
  const failed = random.chance(0.1) ? ['SELECT 1 / 0'] : [];
  return [
    'BEGIN',
    ...steps(),
    ...undone,
    ...steps(),
    ...failed,
    random.chance(0.8) ? 'COMMIT' : 'ROLLBACK',
  ];
}
