import { SqlError } from '../../base/errors';
import { quoteIdentifier, quoteQualified } from '../../catalog/identifiers';
import { isRegionalByRow, regionsOfDatabase } from '../../catalog/regions';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { effectiveConfig, NAMED_ZONES, type Zone, type ZoneConfig } from '../../catalog/zones';
import type { ZoneTarget } from '../parse/alter-ast';
import type { IndexName } from '../parse/ddl-ast';
import {
  currentDatabase,
  type NameContext,
  resolveRelation,
  unknownRelation,
} from '../session/name-resolution';

/** What a zone is for, and the zones around it. */

interface Place {
  readonly id: number;
  readonly subId: number;
  readonly partition?: string;
  /** As statements name it, e.g. `TABLE t`. */
  readonly label: string;
}

export interface ZonePlace extends Place {
  /** Itself first, the default zone last. */
  readonly chain: readonly Place[];
}

const DEFAULT: Place = { id: 0, subId: 0, label: 'RANGE default' };

/** @throws SqlError invalidCatalogName (3D000), undefinedTable (42P01), undefinedObject (42704) */
export function resolveZone(target: ZoneTarget, names: NameContext): ZonePlace {
  switch (target.kind) {
    case 'range': {
      const id = NAMED_ZONES.get(target.name);
      if (id === undefined) {
        throw new SqlError('invalidParameterValue', `"${target.name}" is not a built-in zone`);
      }
      const place = { id, subId: 0, label: `RANGE ${target.name}` };
      return { ...place, chain: id === 0 ? [place] : [place, DEFAULT] };
    }
    case 'database': {
      const database = names.catalog.database(target.name);
      if (database === undefined) {
        throw new SqlError('invalidCatalogName', `database "${target.name}" does not exist`);
      }
      const place = { id: database.id, subId: 0, label: databaseLabel(target.name) };
      return { ...place, chain: [place, DEFAULT] };
    }
    case 'table':
      return tablePlace(target.name.parts, names);
    case 'index':
      return indexPlace(target.index, names);
    case 'partition':
      return partitionPlace(target, names);
  }
}

const databaseLabel = (name: string): string => `DATABASE ${quoteIdentifier(name)}`;

function tablePlace(parts: readonly string[], names: NameContext): ZonePlace {
  const table = resolveRelation(parts, names);
  if (table === undefined) throw unknownRelation(parts);
  if (table.kind !== 'table' && table.kind !== 'materialized view') {
    throw new SqlError('wrongObjectType', `"${table.name}" is not a table`);
  }
  const place = { id: table.id, subId: 0, label: `TABLE ${quoteQualified([...parts])}` };
  const database = { id: table.databaseId, subId: 0, label: databaseLabel(table.databaseName) };
  return { ...place, chain: [place, database, DEFAULT] };
}

function indexPlace(name: IndexName, names: NameContext): ZonePlace {
  const parts = name.table?.parts ?? tableOfIndex(name.index, names);
  const table = resolveRelation(parts, names);
  if (table === undefined) throw unknownRelation(parts);
  const indexes = [
    ...(table.primaryIndex === undefined ? [] : [table.primaryIndex]),
    ...table.secondaryIndexes,
  ];
  const index = indexes.find((other) => other.name === name.index);
  if (index === undefined) throw unknownIndex(name.index);
  const label = `INDEX ${quoteQualified([...parts])}@${quoteIdentifier(name.index)}`;
  const place = { id: table.id, subId: index.id, label };
  return { ...place, chain: [place, ...tablePlace(parts, names).chain] };
}

/** Tables that are REGIONAL BY ROW have a partition a region in each of their indexes; others have none. */
function partitionPlace(
  { partition, index, table }: Extract<ZoneTarget, { kind: 'partition' }>,
  names: NameContext,
): ZonePlace {
  const outer = index === null ? primaryPlace(table?.parts ?? [], names) : indexPlace(index, names);
  const descriptor = names.catalog.tableDescriptor(outer.id);
  const regions = regionsOfDatabase(descriptor?.parentId ?? 0, names.catalog);
  if (!isRegionalByRow(descriptor) || regions?.names.includes(partition) !== true) {
    throw new SqlError('undefinedObject', `partition "${partition}" does not exist`);
  }
  const label = partitionLabel(partition, outer.label);
  const place = { id: outer.id, subId: outer.subId, partition, label };
  return { ...place, chain: [place, ...outer.chain] };
}

function primaryPlace(parts: readonly string[], names: NameContext): ZonePlace {
  const index = resolveRelation(parts, names)?.primaryIndex?.name ?? '';
  return indexPlace({ table: { parts, location: 0 }, index }, names);
}

const partitionLabel = (partition: string, index: string): string =>
  `PARTITION ${quoteIdentifier(partition)} OF ${index}`;

function tableOfIndex(index: string, names: NameContext): string[] {
  const database = names.catalog.database(currentDatabase(names));
  const tables = database === undefined ? [] : names.catalog.tables(database.id);
  const found = tables.find((table) =>
    table.secondaryIndexes.some((other) => other.name === index),
  );
  if (found === undefined) throw unknownIndex(index);
  return [found.databaseName, found.schemaName, found.name];
}

const unknownIndex = (name: string): SqlError =>
  new SqlError('undefinedObject', `index "${name}" does not exist`);

export function ownConfig(
  { id, subId, partition }: Pick<Place, 'id' | 'subId' | 'partition'>,
  zones: readonly Zone[],
): ZoneConfig | undefined {
  return zones.find(
    (zone) => zone.id === id && zone.subId === subId && zone.partition === partition,
  )?.config;
}

export function effectiveOf(chain: readonly Place[], zones: readonly Zone[]): ZoneConfig {
  return effectiveConfig(chain.map((place) => ownConfig(place, zones)));
}

/** Tables of the system database that a cluster configures by itself. Source: CockroachDB v21.2, ids of system tables. */
const SYSTEM_TABLES: ReadonlyMap<number, string> = new Map([
  [25, 'replication_constraint_stats'],
  [26, 'replication_critical_localities'],
  [27, 'replication_stats'],
]);

/** The name of a configured zone; undefined when what it was for is gone. */
export function zoneLabel(zone: Zone, catalog: CatalogSnapshot): string | undefined {
  const named = [...NAMED_ZONES].find(([, id]) => id === zone.id);
  if (named !== undefined) return `RANGE ${named[0]}`;
  const systemTable = SYSTEM_TABLES.get(zone.id);
  if (systemTable !== undefined) return `TABLE system.public.${systemTable}`;
  const entry = catalog.entry(zone.id);
  if (entry?.kind === 'database') return databaseLabel(entry.name);
  const table = entry?.kind === 'table' ? catalog.tableById(zone.id) : undefined;
  if (table === undefined) return undefined;
  const name = quoteQualified([table.databaseName, table.schemaName, table.name]);
  if (zone.subId === 0) return `TABLE ${name}`;
  const index = [table.primaryIndex, ...table.secondaryIndexes].find(
    (other) => other?.id === zone.subId,
  );
  if (index === undefined) return undefined;
  const label = `INDEX ${name}@${quoteIdentifier(index.name)}`;
  return zone.partition === undefined ? label : partitionLabel(zone.partition, label);
}
