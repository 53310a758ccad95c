import { SqlError } from '../../base/errors';
import { VIRTUAL_SCHEMAS } from '../../catalog/constants';
import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import { ownerOf } from '../../catalog/privileges';
import { localityName, regionsOf } from '../../catalog/regions';
import { showCreate } from '../../catalog/show-create';
import type { TableInfo } from '../../catalog/table-info';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, INT8, STRING } from '../../catalog/types/table';
import { rangesOfTable } from '../../storage/ranges/ranges';
import { statisticsOfTable } from '../../storage/ranges/statistic-rows';
import { listRoleMembers, listRoleOptions, listUsers } from '../../storage/ranges/user-rows';
import type { ShowStatement } from '../parse/ast';
import { hasAnyPrivilege, requireAnyPrivilege, securedById } from '../privileges/access';
import { SessionCatalogView } from '../session/catalog-view';
import { currentDatabase, resolveRelation, unknownRelation } from '../session/name-resolution';
import { columnRows } from './show-columns';
import { commentStatements, commentsOf, indexId } from './show-comments';
import { constraintRows, indexRows } from './show-indexes';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** `SHOW …` over the catalog: databases, schemas, tables and what they are made of. */

type Show<K extends ShowStatement['kind']> = Extract<ShowStatement, { kind: K }>;
type Rows = readonly (readonly Repr[])[];

const STRING_ARRAY = arrayOf(STRING);

function databaseNamed(name: string | null, context: StatementContext): DatabaseDescriptor {
  const wanted = name ?? currentDatabase(context);
  const database = context.catalog.database(wanted);
  if (database === undefined) {
    throw new SqlError('invalidCatalogName', `target database or schema does not exist`, {
      hint: `There is no database "${wanted}".`,
    });
  }
  return database;
}

export function showDatabases(
  { withComment }: Show<'ShowDatabases'>,
  context: StatementContext,
): TableResult {
  const comment = commentsOf(context);
  const databases = context.catalog
    .databases()
    .filter((database) => hasAnyPrivilege(context, securedById(context, database.id)));
  const rows: Rows = databases.map((database) => {
    const regions = regionsOf(database, context.catalog);
    return [
      database.name,
      ownerOf(database.privileges),
      regions?.primary ?? null,
      arrayToRepr(STRING_ARRAY, regions?.names ?? []),
      regions?.survival ?? null,
      ...(withComment ? [comment('database', database.id)] : []),
    ];
  });
  return {
    columns: columnsOf(
      ['database_name', STRING],
      ['owner', STRING],
      ['primary_region', STRING],
      ['regions', STRING_ARRAY],
      ['survival_goal', STRING],
      ...(withComment ? ([['comment', STRING]] as const) : []),
    ),
    rows,
  };
}

export function showSchemas(
  statement: Show<'ShowSchemas'>,
  context: StatementContext,
): TableResult {
  const database = databaseNamed(statement.database, context);
  const rows: [string, Repr][] = [
    ...VIRTUAL_SCHEMAS.map((name): [string, Repr] => [name, null]),
    ['public', 'admin'],
    ...context.catalog
      .schemas(database.id)
      .map((schema): [string, Repr] => [schema.name, ownerOf(schema.privileges)]),
  ];
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  return { columns: columnsOf(['schema_name', STRING], ['owner', STRING]), rows };
}

/** `FROM d`, `FROM d.s`, `FROM s`, or the current database. */
function tablesOf(statement: Show<'ShowTables'>, context: StatementContext): readonly TableInfo[] {
  const [first, second] = statement.from?.parts ?? [];
  if (first === undefined) return context.catalog.tables(databaseNamed(null, context).id);
  if (second !== undefined) {
    const database = databaseNamed(first, context);
    return context.catalog.tables(database.id).filter((table) => table.schemaName === second);
  }
  const database = context.catalog.database(first);
  if (database !== undefined) return context.catalog.tables(database.id);
  const current = databaseNamed(null, context);
  if (context.catalog.schemaId(current.id, first) === undefined) databaseNamed(first, context);
  return context.catalog.tables(current.id).filter((table) => table.schemaName === first);
}

export function showTables(statement: Show<'ShowTables'>, context: StatementContext): TableResult {
  const comment = commentsOf(context);
  const tables = tablesOf(statement, context).filter((table) =>
    hasAnyPrivilege(context, securedById(context, table.id)),
  );
  const rows: Rows = tables.map((table) => {
    const descriptor = context.catalog.tableDescriptor(table.id);
    return [
      table.schemaName,
      table.name,
      table.kind,
      ownerOf(descriptor?.privileges),
      estimatedRowCount(table, context),
      localityName(descriptor) ?? null,
      ...(statement.withComment ? [comment('table', table.id) ?? ''] : []),
    ];
  });
  return {
    columns: columnsOf(
      ['schema_name', STRING],
      ['table_name', STRING],
      ['type', STRING],
      ['owner', STRING],
      ['estimated_row_count', INT8],
      ['locality', STRING],
      ...(statement.withComment ? ([['comment', STRING]] as const) : []),
    ),
    rows,
  };
}

/** Of the newest statistics. Like CockroachDB, 0 for restored tables without any and NULL for tables made here. */
function estimatedRowCount(table: TableInfo, context: StatementContext): bigint | null {
  const { db } = context.engine;
  const [newest] = statisticsOfTable(db, table.id);
  if (newest !== undefined) return BigInt(newest.rowCount);
  return table.kind === 'table' && rangesOfTable(db, table.id).length === 0 ? null : 0n;
}

/** @throws SqlError undefinedTable (42P01) */
function relation(parts: readonly string[], context: StatementContext): TableInfo {
  const table = resolveRelation(parts, context);
  if (table === undefined) throw unknownRelation(parts);
  requireAnyPrivilege(context, securedById(context, table.id));
  return table;
}

export function showCreateStatement(
  statement: Show<'ShowCreate'>,
  context: StatementContext,
): TableResult {
  if (statement.object === 'DATABASE') return showCreateDatabase(statement, context);
  const table = relation(statement.name.parts, context);
  const isSequence = table.kind === 'sequence';
  if (statement.object === 'SEQUENCE' && !isSequence) {
    throw new SqlError('wrongObjectType', `"${table.name}" is not a sequence`);
  }
  if (statement.object === 'VIEW' && table.kind !== 'view' && table.kind !== 'materialized view') {
    throw new SqlError('wrongObjectType', `"${table.name}" is not a view`);
  }
  const descriptor = context.catalog.tableDescriptor(table.id);
  if (descriptor === undefined) throw unknownRelation(statement.name.parts);
  return {
    columns: columnsOf(['table_name', STRING], ['create_statement', STRING]),
    rows: [
      [
        statement.name.parts.at(-1) ?? table.name,
        showCreate(descriptor, context.catalog) + commentStatements(descriptor, table, context),
      ],
    ],
  };
}

function showCreateDatabase(statement: Show<'ShowCreate'>, context: StatementContext): TableResult {
  const database = databaseNamed(statement.name.parts[0] ?? null, context);
  return {
    columns: columnsOf(['database_name', STRING], ['create_statement', STRING]),
    rows: [[database.name, createDatabaseText(database, context)]],
  };
}

function createDatabaseText(database: DatabaseDescriptor, context: StatementContext): string {
  const text = `CREATE DATABASE ${quoteIdentifier(database.name)}`;
  const regions = regionsOf(database, context.catalog);
  if (regions === undefined) return text;
  const names = regions.names.map(quoteIdentifier).join(', ');
  const survive = `SURVIVE ${regions.survival.toUpperCase()} FAILURE`;
  return `${text} PRIMARY REGION ${quoteIdentifier(regions.primary)} REGIONS = ${names} ${survive}`;
}

export function showCreateAll(
  { objects }: Show<'ShowCreateAll'>,
  context: StatementContext,
): TableResult {
  const database = databaseNamed(null, context);
  if (objects === 'SCHEMAS') return createStatements(schemaStatements(database.id, context));
  if (objects === 'TYPES') return createStatements(typeStatements(context));
  const rows: Rows = context.catalog
    .tables(database.id)
    .flatMap((table) => context.catalog.tableDescriptor(table.id) ?? [])
    .sort((a, b) => a.id - b.id)
    .map((descriptor) => [`${showCreate(descriptor, context.catalog)};`]);
  return { columns: columnsOf(['create_statement', STRING]), rows };
}

export function showColumns(
  statement: Show<'ShowColumns'>,
  context: StatementContext,
): TableResult {
  const { parts } = statement.table;
  const system = new SessionCatalogView(context).resolveRelation(parts);
  const table = system?.kind === 'system' ? system : relation(parts, context);
  const comment = commentsOf(context);
  const rows = columnRows(table, context.catalog).map((row, i) =>
    statement.withComment ? [...row, comment('column', table.id, table.columns[i]?.id)] : row,
  );
  return {
    columns: columnsOf(
      ['column_name', STRING],
      ['data_type', STRING],
      ['is_nullable', BOOL],
      ['column_default', STRING],
      ['generation_expression', STRING],
      ['indices', STRING_ARRAY],
      ['is_hidden', BOOL],
      ...(statement.withComment ? ([['comment', STRING]] as const) : []),
    ),
    rows,
  };
}

export function showIndexes(
  statement: Show<'ShowIndexes'>,
  context: StatementContext,
): TableResult {
  const { target } = statement;
  const comment = commentsOf(context);
  const tables =
    target.kind === 'table'
      ? [relation(target.table.parts, context)]
      : context.catalog.tables(databaseNamed(target.database, context).id);
  return {
    columns: columnsOf(
      ['table_name', STRING],
      ['index_name', STRING],
      ['non_unique', BOOL],
      ['seq_in_index', INT8],
      ['column_name', STRING],
      ['direction', STRING],
      ['storing', BOOL],
      ['implicit', BOOL],
      ...(statement.withComment ? ([['comment', STRING]] as const) : []),
    ),
    rows: tables.flatMap((table) =>
      indexRows(table).map((row) =>
        statement.withComment ? [...row, comment('index', table.id, indexId(table, row[1]))] : row,
      ),
    ),
  };
}

export function showConstraints(
  statement: Show<'ShowConstraints'>,
  context: StatementContext,
): TableResult {
  const table = relation(statement.table.parts, context);
  return {
    columns: columnsOf(
      ['table_name', STRING],
      ['constraint_name', STRING],
      ['constraint_type', STRING],
      ['details', STRING],
      ['validated', BOOL],
    ),
    rows: constraintRows(table, context.catalog),
  };
}

export function showSequences(
  statement: Show<'ShowSequences'>,
  context: StatementContext,
): TableResult {
  const database = databaseNamed(statement.database, context);
  return {
    columns: columnsOf(['sequence_schema', STRING], ['sequence_name', STRING]),
    rows: context.catalog
      .tables(database.id)
      .filter((table) => table.kind === 'sequence')
      .map((table) => [table.schemaName, table.name]),
  };
}

function createStatements(texts: readonly string[]): TableResult {
  return {
    columns: columnsOf(['create_statement', STRING]),
    rows: texts.map((text) => [`${text};`]),
  };
}

const schemaStatements = (databaseId: number, { catalog }: StatementContext): string[] =>
  ['public', ...catalog.schemas(databaseId).map(({ name }) => name)].map(
    (name) => `CREATE SCHEMA ${quoteIdentifier(name)}`,
  );

function typeStatements(context: StatementContext): string[] {
  return typeRows(context).map(({ schema, type }) => {
    const labels = type.enumMembers.map(
      ({ logicalRepresentation: label }) => `'${label.replaceAll("'", "''")}'`,
    );
    const name = `${quoteIdentifier(schema)}.${quoteIdentifier(type.name)}`;
    return `CREATE TYPE ${name} AS ENUM (${labels.join(', ')})`;
  });
}

function typeRows(context: StatementContext) {
  return context.catalog
    .types(databaseNamed(null, context).id)
    .map((type) => ({
      schema: context.catalog.enumMetadata(type.id)?.schemaName ?? 'public',
      type,
    }))
    .sort((a, b) => (`${a.schema}.${a.type.name}` < `${b.schema}.${b.type.name}` ? -1 : 1));
}

export function showTypes(_: Show<'ShowTypes'>, context: StatementContext): TableResult {
  return {
    columns: columnsOf(['schema', STRING], ['name', STRING], ['owner', STRING]),
    rows: typeRows(context).map(({ schema, type }) => [
      schema,
      type.name,
      ownerOf(type.privileges),
    ]),
  };
}

export function showEnums(_: Show<'ShowEnums'>, context: StatementContext): TableResult {
  return {
    columns: columnsOf(
      ['schema', STRING],
      ['name', STRING],
      ['values', STRING_ARRAY],
      ['owner', STRING],
    ),
    rows: typeRows(context).map(({ schema, type }) => [
      schema,
      type.name,
      arrayToRepr(
        STRING_ARRAY,
        type.enumMembers.map((member) => member.logicalRepresentation),
      ),
      ownerOf(type.privileges),
    ]),
  };
}

export function showUsers(_: unknown, context: StatementContext): TableResult {
  const options = listRoleOptions(context.engine.db);
  const members = listRoleMembers(context.engine.db);
  const rows: Rows = listUsers(context.engine.db).map(({ username }) => [
    username,
    options
      .filter((option) => option.username === username)
      .map(({ option, value }) => (value === null ? option : `${option}=${value}`))
      .join(', '),
    arrayToRepr(
      STRING_ARRAY,
      members.filter((row) => row.member === username).map((row) => row.role),
    ),
  ]);
  return {
    columns: columnsOf(['username', STRING], ['options', STRING], ['member_of', STRING_ARRAY]),
    rows,
  };
}
