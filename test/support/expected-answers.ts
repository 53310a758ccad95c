import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OothecaProcess } from './ootheca-process';

/** Folders of answers that CockroachDB gave after a RESTORE, and the same questions asked here. */

/** Columns that can't be ordered by: then a table is ordered by its first column alone. */
const UNORDERED_SECOND_COLUMN = new Set(['archive.old', 'public.geotest', 'public.jsontest']);

export function quotedRelation(relation: string): string {
  const [schema = '', ...name] = relation.split('.');
  return `${schema}."${name.join('.')}"`;
}

/** `schema.table` of each relation that there are answers about. */
export function expectedRelations(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.csv') && !name.startsWith('_'))
    .map((name) => name.slice(0, -'.csv'.length))
    .sort();
}

export const answer = (folder: string, file: string): string =>
  readFileSync(join(folder, file), 'utf8');

/** Of all rows of a relation, in the order of its answer. */
export function selectAll(relation: string, csv: string): string {
  const columns = (csv.split('\n')[0] ?? '').split(',').length;
  const order = columns === 1 || UNORDERED_SECOND_COLUMN.has(relation) ? '1' : '1, 2';
  return `SELECT * FROM ${quotedRelation(relation)} ORDER BY ${order}`;
}

export function showCreate(server: OothecaProcess, database: string, relation: string): string {
  const select = `SELECT create_statement FROM [SHOW CREATE TABLE ${quotedRelation(relation)}]`;
  const shown = server.psql(database, [select], ['--no-align', '--tuples-only']);
  return unquoteCsv(shown).trimEnd();
}

/** A single value as psql --csv prints it. */
function unquoteCsv(text: string): string {
  const line = text.replace(/\n$/, '');
  return line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
}

/** The header of an answer names the columns; rows come in the order of what identifies them. */
export const CATALOG_ANSWERS = [
  { file: '_columns.csv', table: 'columns', schema: 'table_schema', order: '1, 2, 4' },
  { file: '_indexes.csv', table: 'statistics', schema: 'table_schema', order: '1, 2, 3, 5' },
  {
    file: '_constraints.csv',
    table: 'table_constraints',
    schema: 'constraint_schema',
    order: '1, 2, 3',
  },
] as const;

export function selectCatalog(
  database: string,
  expected: string,
  { table, schema, order }: (typeof CATALOG_ANSWERS)[number],
): string {
  const columns = expected.slice(0, expected.indexOf('\n'));
  const from = `FROM ${database}.information_schema.${table}`;
  const where = `WHERE ${schema} NOT IN ('crdb_internal', 'information_schema', 'pg_catalog', 'pg_extension')`;
  return `SELECT ${columns} ${from} ${where} ORDER BY ${order}`;
}

/** The OID of a schema and the id of a table begin the names of NOT NULL constraints; both are those of a cluster. */
export const sortedCatalogRows = (csv: string): string[] =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\d+_\d+_(\d+)_not_null/, 'S_T_$1_not_null'))
    .sort();

export const SHOW_ANSWERS: ReadonlyArray<readonly [file: string, statement: string]> = [
  ['_show_schemas', 'SHOW SCHEMAS'],
  ['_show_sequences', 'SHOW SEQUENCES'],
  ['_show_types', 'SHOW TYPES'],
  ['_show_enums', 'SHOW ENUMS'],
  ['_show_tables', 'SHOW TABLES'],
];
