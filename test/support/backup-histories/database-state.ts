/** Runs a statement. @returns its rows, each value as the text that the server sent */
export type Run = (sql: string) => Promise<(string | null)[][]>;

export interface DatabaseState {
  /** A line for each schema, enum and region. */
  readonly others: readonly string[];
  /** By name with schema: how a relation is created, then its rows in an order of their own. */
  readonly relations: ReadonlyMap<string, readonly string[]>;
}

/** An index that is built once its table is restored comes behind the others. */
function withSortedIndexes(create: string): string {
  const lines = create.split('\n');
  const isIndex = (line: string) => /^\t(?:UNIQUE |INVERTED )?INDEX /.test(line);
  const sorted = lines.filter(isIndex).sort();
  return lines.map((line) => (isIndex(line) ? sorted.shift() : line)).join('\n');
}

/**
 * Definitions, rows, types: without the database's name. Hidden columns as well.
 * @param time read as of it, as a literal: '1638230400000000000'
 */
export async function readState(run: Run, database: string, time?: string): Promise<DatabaseState> {
  await run(`USE ${database}`);
  if (time === undefined) return await readNow(run, database);
  await run(`BEGIN AS OF SYSTEM TIME '${time}'`);
  try {
    return await readNow(run, database);
  } finally {
    await run('ROLLBACK');
  }
}

/** Not SHOW TABLES, which has no past of more than a minute. */
const RELATIONS = `SELECT nspname, relname, relkind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE relkind IN ('r', 'v', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'crdb_internal', 'pg_extension') ORDER BY 1, 2`;

async function readNow(run: Run, database: string): Promise<DatabaseState> {
  const relations = new Map<string, string[]>();
  const listed = await run(RELATIONS);
  const named = (text: string | null | undefined) => (text ?? '').replaceAll(`${database}.`, '');
  for (const [schema, name, type] of listed) {
    const table = `"${schema}"."${name}"`;
    const [[, create] = []] = await run(`SHOW CREATE TABLE ${table}`);
    const rows = await run(`SELECT ${await selected(run, table, type ?? '')} FROM ${table}`);
    const lines = rows.map((row) => named(row.map((value) => value ?? 'NULL').join('|')));
    relations.set(`${schema}.${name}`, [withSortedIndexes(named(create)), ...lines.sort()]);
  }
  const others = [
    ...(await run('SELECT schema_name FROM [SHOW SCHEMAS] ORDER BY 1')),
    ...(await run('SELECT schema, name, values FROM [SHOW ENUMS] ORDER BY 1, 2')),
    ...(await run(`SELECT region, "primary" FROM [SHOW REGIONS FROM DATABASE ${database}]`)),
  ];
  return { others: others.map((row) => row.join('|')), relations };
}

async function selected(run: Run, table: string, type: string): Promise<string> {
  if (type !== 'r') return '*';
  const columns = await run(`SELECT column_name FROM [SHOW COLUMNS FROM ${table}]`);
  return [...columns.map(([name]) => `"${name}"`), '0'].join(', ');
}

/** As text, to be compared. */
export const stateText = ({ others, relations }: DatabaseState): string =>
  [...others, ...relationsText(relations)].join('\n');

export const relationsText = (relations: ReadonlyMap<string, readonly string[]>): string[] =>
  [...relations].flatMap(([name, lines]) => [name, ...lines]);
