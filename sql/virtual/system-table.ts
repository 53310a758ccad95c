import { defined } from '../../base/invariant';
import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { SessionValues } from '../builtins/repr';
import type { EngineContext } from '../engine-context';
import type { SessionSettings } from '../session/settings';
import type { CatalogObjects } from './catalog-objects';

/** What a system table is: columns as data, rows as a generator. */

/** `system` are tables of the system database, in its schema `public`; the others are in every database. */
export type SystemSchema = 'pg_catalog' | 'information_schema' | 'crdb_internal' | 'system';

export interface SystemContext {
  readonly catalog: CatalogSnapshot;
  /** Whose objects are shown: the current database, or the one that the query names. */
  readonly database: DatabaseDescriptor;
  readonly objects: CatalogObjects;
  readonly engine: EngineContext;
  readonly settings: SessionSettings;
  readonly session: SessionValues;
  readonly user: string;
  /** The system tables of the database: they are listed, too. */
  readonly systemTables: readonly SystemTable[];
}

/** A value as rows give it: booleans and lists become representations by the column's type. Undefined is NULL. */
export type SystemValue = Repr | boolean | readonly Repr[] | undefined;

export type SystemRow = Readonly<Record<string, SystemValue>>;

export interface SystemColumn {
  readonly name: string;
  readonly type: SqlType;
}

export interface SystemTable {
  readonly schema: SystemSchema;
  readonly name: string;
  /** Stands for a descriptor id. */
  readonly oid: number;
  readonly columns: readonly SystemColumn[];
  /** True when the rows follow from catalog and database alone: they are kept for a catalog version. */
  readonly stable: boolean;
  rows(context: SystemContext): Iterable<SystemRow>;
}

export interface SystemTableDefinition<Name extends string> {
  readonly schema: SystemSchema;
  readonly name: string;
  readonly columns: { readonly [N in Name]: SqlType };
  /** Rows depend on more than catalog and database: sessions, jobs, users, settings. */
  readonly volatile?: true;
  rows(context: SystemContext): Iterable<{ readonly [N in Name]?: SystemValue }>;
}

/** A table without its number: `registry.ts` gives those. */
export type UnnumberedTable = Omit<SystemTable, 'oid'>;

export function systemTable<Name extends string>(
  definition: SystemTableDefinition<Name>,
): UnnumberedTable {
  const { schema, name, columns } = definition;
  return {
    schema,
    name,
    columns: Object.entries<SqlType>(columns).map(([column, type]) => ({ name: column, type })),
    stable: definition.volatile !== true,
    rows: (context) => definition.rows(context) as Iterable<SystemRow>,
  };
}

/** The schema that a table is listed under. */
export const schemaOf = (table: SystemTable): string =>
  table.schema === 'system' ? 'public' : table.schema;

/** A table that is empty in every database. */
export function emptyTable(
  schema: SystemSchema,
  name: string,
  columns: Readonly<Record<string, SqlType>>,
): UnnumberedTable {
  return systemTable({ schema, name, columns, rows: () => [] });
}

/** What `classoid` columns name a catalog by. */
export function catalogOid(context: SystemContext, name: string): number {
  const found = context.systemTables.find(
    (table) => table.schema === 'pg_catalog' && table.name === name,
  );
  return defined(found, `catalog ${name}`).oid;
}

/** Rows as SQLite holds them, in the order of the columns. */
export function* reprRows(table: SystemTable, context: SystemContext): Iterable<Repr[]> {
  const { columns } = table;
  for (const row of table.rows(context))
    yield columns.map(({ name, type }) => toRepr(row[name], type));
}

function toRepr(value: SystemValue, type: SqlType): Repr {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return BigInt(value);
  return isList(value) ? arrayToRepr(type, value) : value;
}

const isList = (value: Repr | readonly Repr[]): value is readonly Repr[] => Array.isArray(value);
