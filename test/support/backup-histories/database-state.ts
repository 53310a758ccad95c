import { type Run, readAccess, readComments } from './access-state';

export interface Relation {
  /** As SHOW CREATE has it. */
  readonly create: string;
  /** A query for its rows, hidden columns as well. */
  readonly query: string;
  /** Of a line each, in an order of their own. */
  readonly rows: readonly string[];
}

/** What a database is, without its name. */
export interface DatabaseState {
  /** A line for each schema, enum and region. */
  readonly others: readonly string[];
  /** By name with schema. */
  readonly relations: ReadonlyMap<string, Relation>;
}

/** With what a restored cluster has again, and no restored database: see access-state.ts. */
export interface WholeState extends DatabaseState {
  readonly access: readonly string[];
  /** Undefined: of a time of the past. */
  readonly comments: readonly string[] | undefined;
}

/** Not SHOW TABLES, which has no past of more than a minute. */
const RELATIONS = `SELECT nspname, relname, relkind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE relkind IN ('r', 'v', 'm', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'crdb_internal', 'pg_extension') ORDER BY 1, 2`;

/** An index that is built once its table is restored comes behind the others. */
function withSortedIndexes(create: string): string {
  const lines = create.split('\n');
  const isIndex = (line: string) => /^\t(?:UNIQUE |INVERTED )?INDEX /.test(line);
  const sorted = lines.filter(isIndex).sort();
  return lines.map((line) => (isIndex(line) ? sorted.shift() : line)).join('\n');
}

/** They come behind it, as statements of their own. */
const withoutComments = (create: string): string => create.replace(/;\nCOMMENT ON .*$/s, '');

export const readState = (run: Run, database: string): Promise<DatabaseState> =>
  asOf(run, database, undefined, () => readNow(run, database));

/** @param time as of which it is read, of the last minute, as a literal: '1638230400000000000' */
export async function readWhole(run: Run, database: string, time?: string): Promise<WholeState> {
  return await asOf(run, database, time, async () => ({
    ...(await readNow(run, database)),
    access: await readAccess(run, database),
    comments: time === undefined ? await readComments(run) : undefined,
  }));
}

/** Rows of the relations that there were then. */
export async function readRows(
  run: Run,
  database: string,
  { time, state }: { readonly time: string; readonly state: DatabaseState },
): Promise<Map<string, string[]>> {
  return await asOf(run, database, time, async () => {
    const found = new Map<string, string[]>();
    for (const [name, { query }] of state.relations) {
      found.set(name, await linesOf(run, database, query));
    }
    return found;
  });
}

async function asOf<T>(
  run: Run,
  database: string,
  time: string | undefined,
  read: () => Promise<T>,
): Promise<T> {
  await run(`USE ${database}`);
  if (time === undefined) return await read();
  await run(`BEGIN AS OF SYSTEM TIME '${time}'`);
  try {
    return await read();
  } finally {
    await run('ROLLBACK');
  }
}

async function readNow(run: Run, database: string): Promise<DatabaseState> {
  const relations = new Map<string, Relation>();
  for (const [schema, name, kind] of await run(RELATIONS)) {
    const table = `"${schema}"."${name}"`;
    const [[, create] = []] = await run(`SHOW CREATE TABLE ${table}`);
    const query = `SELECT ${kind === 'r' ? await columnsOf(run, table) : '*'} FROM ${table}`;
    const rows = await linesOf(run, database, query);
    const named = withSortedIndexes(withoutName(withoutComments(create ?? ''), database));
    relations.set(`${schema}.${name}`, { create: named, query, rows });
  }
  const others = [
    ...(await run('SELECT schema_name FROM [SHOW SCHEMAS] ORDER BY 1')),
    ...(await run('SELECT schema, name, values FROM [SHOW ENUMS] ORDER BY 1, 2')),
    ...(await run(`SELECT region, "primary" FROM [SHOW REGIONS FROM DATABASE ${database}]`)),
  ];
  return { others: others.map((row) => row.join('|')), relations };
}

/** Of a table that has lost all its columns, too. */
async function columnsOf(run: Run, table: string): Promise<string> {
  const columns = await run(`SELECT column_name FROM [SHOW COLUMNS FROM ${table}]`);
  return [...columns.map(([name]) => `"${name}"`), '0'].join(', ');
}

async function linesOf(run: Run, database: string, query: string): Promise<string[]> {
  const rows = await run(query);
  const lines = rows.map((row) => row.map((value) => value ?? 'NULL').join('|'));
  return lines.map((line) => withoutName(line, database)).sort();
}

const withoutName = (text: string, database: string): string => text.replaceAll(`${database}.`, '');

/** As text, to be compared. */
export const stateText = (state: DatabaseState): string =>
  [...state.others, relationsText(state)].join('\n');

export const relationsText = ({ relations }: DatabaseState): string =>
  [...relations].flatMap(([name, { create, rows }]) => [name, create, ...rows]).join('\n');
