import { SqlError } from '../../base/errors';
import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import { regionalZones } from '../../catalog/region-zones';
import { allIndexes, regionColumnName } from '../../catalog/regional-rows';
import { type DatabaseRegions, regionsOf } from '../../catalog/regions';
import type { TableInfo } from '../../catalog/table-info';
import { type ClusterRegion, clusterRegions, readTopology } from '../../catalog/topology';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, STRING } from '../../catalog/types/table';
import {
  configuredZones,
  effectiveConfig,
  type ZoneConfig,
  zoneSettings,
} from '../../catalog/zones';
import { listZones } from '../../storage/ranges/zone-rows';
import { ownConfig } from '../ddl/zone-target';
import type { ShowStatement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import { currentDatabase, resolveRelation, unknownRelation } from '../session/name-resolution';
import type { StatementContext } from './statement-context';
import { boolRepr, columnsOf, type TableResult } from './table-result';

/** SHOW REGIONS, SURVIVAL GOAL and PARTITIONS, and of a text's syntax. */

type Show<K extends ShowStatement['kind']> = Extract<ShowStatement, { kind: K }>;

function databaseNamed(name: string | null, context: StatementContext): DatabaseDescriptor {
  const wanted = name ?? currentDatabase(context);
  const database = context.catalog.database(wanted);
  if (database !== undefined) return database;
  throw new SqlError('invalidCatalogName', `database "${wanted}" does not exist`);
}

const STRINGS = arrayOf(STRING);

const list = (names: readonly string[]): Repr => arrayToRepr(STRINGS, names);

const ofCluster = ({ engine }: StatementContext): ClusterRegion[] =>
  clusterRegions(readTopology(engine.db));

export function showRegions(
  statement: Show<'ShowRegions'>,
  context: StatementContext,
): TableResult {
  switch (statement.from) {
    case 'DATABASE':
      return regionsOfOne(databaseNamed(statement.database, context), context);
    case 'ALL':
      return regionsOfAll(context);
    case 'CLUSTER':
      return {
        columns: columnsOf(['region', STRING], ['zones', STRINGS]),
        rows: ofCluster(context).map(({ name, zones }) => [name, list(zones)]),
      };
    case 'EVERYWHERE':
      return regionsEverywhere(context);
  }
}

/** The primary region first. A region that the cluster has no more is there without zones. */
function regionsOfOne(database: DatabaseDescriptor, context: StatementContext): TableResult {
  const regions = regionsOf(database, context.catalog);
  const cluster = new Map(ofCluster(context).map(({ name, zones }) => [name, zones]));
  const names = [...(regions?.names ?? [])].sort(
    (a, b) => Number(b === regions?.primary) - Number(a === regions?.primary),
  );
  return {
    columns: columnsOf(
      ['database', STRING],
      ['region', STRING],
      ['primary', BOOL],
      ['zones', STRINGS],
    ),
    rows: names.map((name) => [
      database.name,
      name,
      boolRepr(name === regions?.primary),
      list(cluster.get(name) ?? []),
    ]),
  };
}

function regionsOfAll(context: StatementContext): TableResult {
  return {
    columns: columnsOf(['database_name', STRING], ['regions', STRINGS], ['primary_region', STRING]),
    rows: context.catalog.databases().map((database) => {
      const regions = regionsOf(database, context.catalog);
      return [database.name, list(regions?.names ?? []), regions?.primary ?? null];
    }),
  };
}

/** Those of the cluster, with the databases that use them. */
function regionsEverywhere(context: StatementContext): TableResult {
  const databases = context.catalog
    .databases()
    .map((database) => ({ database, regions: regionsOf(database, context.catalog) }));
  const named = (wanted: (regions: DatabaseRegions) => boolean): Repr =>
    list(
      databases.flatMap(({ database, regions }) =>
        regions !== undefined && wanted(regions) ? [database.name] : [],
      ),
    );
  return {
    columns: columnsOf(
      ['region', STRING],
      ['zones', STRINGS],
      ['database_names', STRINGS],
      ['primary_region_of', STRINGS],
    ),
    rows: ofCluster(context).map(({ name, zones }) => [
      name,
      list(zones),
      named((regions) => regions.names.includes(name)),
      named((regions) => regions.primary === name),
    ]),
  };
}

export function showSurvivalGoal(
  statement: Show<'ShowSurvivalGoal'>,
  context: StatementContext,
): TableResult {
  const database = databaseNamed(statement.database, context);
  return {
    columns: columnsOf(['database', STRING], ['survival_goal', STRING]),
    rows: [[database.name, regionsOf(database, context.catalog)?.survival ?? null]],
  };
}

const PARTITION_COLUMNS = [
  'database_name',
  'table_name',
  'partition_name',
  'parent_partition',
  'column_names',
  'index_name',
  'partition_value',
  'zone_config',
  'full_zone_config',
];

/**
 * Tables that are REGIONAL BY ROW have a partition a region in each index; no other table is partitioned here.
 * @throws SqlError undefinedTable, invalidCatalogName
 */
export function showPartitions(
  statement: Show<'ShowPartitions'>,
  context: StatementContext,
): TableResult {
  const { of, name } = statement;
  const columns = columnsOf(...PARTITION_COLUMNS.map((column) => [column, STRING] as const));
  if (of === 'DATABASE') {
    const database = databaseNamed(name.parts[0] ?? null, context);
    const tables = context.catalog.tables(database.id);
    return { columns, rows: tables.flatMap((table) => partitionRows(table, context)) };
  }
  const table = resolveRelation(name.parts, context);
  if (of === 'TABLE' && table === undefined) throw unknownRelation(name.parts);
  return { columns, rows: table === undefined ? [] : partitionRows(table, context) };
}

function partitionRows(table: TableInfo, context: StatementContext): (string | null)[][] {
  const descriptor = context.catalog.tableDescriptor(table.id);
  const column = descriptor === undefined ? undefined : regionColumnName(descriptor);
  if (descriptor === undefined || column === undefined) return [];
  const zones = configuredZones(listZones(context.engine.db), regionalZones(context.catalog));
  const list = (config: ZoneConfig): string => zoneSettings(config).join(',\n');
  return allIndexes(descriptor).flatMap((index) =>
    (index.partitioning?.list ?? []).map(({ name }) => {
      const place = { id: table.id, subId: index.id, partition: name };
      const own = ownConfig(place, zones) ?? {};
      const outer = [
        { id: table.id, subId: index.id },
        { id: table.id, subId: 0 },
        { id: table.databaseId, subId: 0 },
        { id: 0, subId: 0 },
      ].map((around) => ownConfig(around, zones));
      return [
        table.databaseName,
        table.name,
        name,
        null,
        quoteIdentifier(column),
        `${table.name}@${index.name}`,
        `('${name}')`,
        list(own),
        list(effectiveConfig([own, ...outer])),
      ];
    }),
  );
}

/** One row `sql` with the text, or rows that say what is wrong with it. */
export function showSyntax(statement: Show<'ShowSyntax'>): TableResult {
  const columns = columnsOf(['field', STRING], ['message', STRING]);
  try {
    parseStatement(statement.text);
    return { columns, rows: [['sql', statement.text]] };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { message, sqlstate, detail, hint } = error;
    const rows = [
      ['error', message],
      ['code', sqlstate],
      ...(detail === undefined ? [] : [['detail', detail]]),
      ...(hint === undefined ? [] : [['hint', hint]]),
    ];
    return { columns, rows };
  }
}
