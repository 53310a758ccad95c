import { compileValueEncoder, writeValueTag } from '../../backup/format/datum/value-encoder';
import { ByteWriter } from '../../base/byte-writer';
import { notSupported, SqlError } from '../../base/errors';
import { sqliteColumnName } from '../../catalog/build-table-info';
import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import type { TypeDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import {
  allIndexes,
  partitionIndex,
  REGION_COLUMN,
  type RegionPartitions,
  regionColumnName,
  unpartitionIndex,
} from '../../catalog/regional-rows';
import { type DatabaseRegions, regionalByRow } from '../../catalog/regions';
import { addColumn, addToFamily, findColumn } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import type { SqlType } from '../../catalog/types/sql-type';
import { typeName } from '../../catalog/types/type-name';
import { deleteComment, listComments, putComment } from '../../storage/ranges/comment-rows';
import { quoteName } from '../../storage/ranges/physical-table';
import { deleteZone, listZones, putZone } from '../../storage/ranges/zone-rows';
import { rebuildTable } from './rebuild-table';
import type { DdlRun } from './run';

/** LOCALITY REGIONAL BY ROW: the column of regions, and keys that begin with it (`catalog/regional-rows.ts`). */

const ENUM_FAMILY = 24;

export function regionType({ enumId }: DatabaseRegions, run: DdlRun): SqlType {
  const oid = enumId + USER_TYPE_OID_BASE;
  return typeFromMessage({ family: ENUM_FAMILY, oid }, (id) => run.catalog.enumMetadata(id));
}

const isRegionColumn = (column: ColumnDescriptor, { enumId }: DatabaseRegions): boolean =>
  column.type?.oid === enumId + USER_TYPE_OID_BASE;

/** Where the row is written, when the database has the region, else the primary one. */
const defaultRegion = ({ enumId }: DatabaseRegions): string =>
  `default_to_database_primary_region(gateway_region())::@${enumId + USER_TYPE_OID_BASE}`;

function addRegionColumn(
  table: TableDescriptor,
  regions: DatabaseRegions,
  run: DdlRun,
): ColumnDescriptor {
  const type = regionType(regions, run);
  const made = addColumn(table, {
    name: REGION_COLUMN,
    type,
    nullable: false,
    hidden: true,
    defaultExpr: defaultRegion(regions),
  });
  return made;
}

/**
 * The column of regions of a new table, whose columns are declared by now.
 * @param as of REGIONAL BY ROW AS; `null`: crdb_region, which is made when it is not there
 * @throws SqlError undefinedColumn (42703), invalidTableDefinition (42P16)
 */
export function declareRegionColumn(
  table: TableDescriptor,
  as: string | null,
  regions: DatabaseRegions,
  run: DdlRun,
): void {
  const column = findColumn(table, as ?? REGION_COLUMN);
  if (column === undefined) {
    if (as === null) addRegionColumn(table, regions, run);
    else throw missingColumn(as);
    return;
  }
  if (!isRegionColumn(column, regions)) {
    const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
    throw new SqlError(
      'invalidTableDefinition',
      `cannot use column ${column.name} which has type ${typeName(type)} in REGIONAL BY ROW`,
      { detail: 'REGIONAL BY ROW must reference a column of type crdb_internal_region' },
    );
  }
  refuseVirtual(column);
  column.nullable = false;
}

function refuseVirtual(column: ColumnDescriptor): void {
  if (column.virtual) throw notSupported('REGIONAL BY ROW AS of a virtual column', 'Use STORED.');
}

const missingColumn = (name: string): SqlError =>
  new SqlError('undefinedColumn', `column "${name}" in REGIONAL BY ROW AS does not exist`);

/** Partitions of a list: one a region, by its physical value. */
function regionPartitions(
  column: ColumnDescriptor,
  type: TypeDescriptor,
  encodedAs: SqlType,
): RegionPartitions {
  const encoder = compileValueEncoder(encodedAs);
  return {
    column,
    list: type.enumMembers.map((member) => {
      const writer = new ByteWriter(16);
      writeValueTag(writer, 0, encoder.wireType(member.physicalRepresentation));
      encoder.write(writer, member.physicalRepresentation);
      return { name: member.logicalRepresentation, value: Uint8Array.from(writer.toBytes()) };
    }),
  };
}

/** Partitions every index by the column, which is there, and says so. @throws SqlError featureNotSupported (0A000) */
export function partitionByRegion(
  table: TableDescriptor,
  as: string | null,
  regions: DatabaseRegions,
  run: DdlRun,
): void {
  table.localityConfig = regionalByRow(as ?? '');
  table.partitionAllBy = true;
  repartition(table, regions, run);
}

/** After the regions of the database have changed, too. */
export function repartition(table: TableDescriptor, regions: DatabaseRegions, run: DdlRun): void {
  const column = findColumn(table, regionColumnName(table) ?? '');
  if (column === undefined) return;
  const type = regionType(regions, run);
  const partitions = regionPartitions(column, run.type(regions.enumId), type);
  for (const index of allIndexes(table)) partitionIndex(index, partitions);
}

/**
 * A table becomes REGIONAL BY ROW, with rows in the primary region when it gets its column now, or stops being it: its column
 * stays. All indexes get new ids, as their keys are others.
 * @param to the column of REGIONAL BY ROW AS; undefined: not any more
 */
export function changeRegionalRows(
  table: TableDescriptor,
  to: { readonly as: string | null } | undefined,
  regions: DatabaseRegions,
  run: DdlRun,
): void {
  if (table.partitionAllBy) for (const index of allIndexes(table)) unpartitionIndex(index);
  table.partitionAllBy = false;
  let added: ColumnDescriptor | undefined;
  if (to !== undefined) {
    added = regionColumnOf(table, to.as, regions, run);
    partitionByRegion(table, to.as, regions, run);
  }
  renumberIndexes(table, run);
  rebuildTable(table, run, (_, insert) => {
    const values = new Map<string, string>();
    if (added !== undefined) {
      values.set(quoteName(sqliteColumnName(added.id)), primaryLiteral(regions, run));
    }
    run.db.exec(insert(values));
  });
}

/** @returns the column when it was made: the rows have no value for it. @throws SqlError 42703, 42P16 */
function regionColumnOf(
  table: TableDescriptor,
  as: string | null,
  regions: DatabaseRegions,
  run: DdlRun,
): ColumnDescriptor | undefined {
  const column = findColumn(table, as ?? REGION_COLUMN);
  if (column === undefined) {
    if (as !== null) throw missingColumn(as);
    const made = addRegionColumn(table, regions, run);
    addToFamily(table, made, { name: null, create: false, ifNotExists: false });
    return made;
  }
  const refuse = (why: string, hint: string): never => {
    throw new SqlError(
      'invalidTableDefinition',
      `cannot use column ${column.name} for REGIONAL BY ROW table as it ${why}`,
      { hint },
    );
  };
  if (!isRegionColumn(column, regions)) {
    refuse(
      'does not have the crdb_internal_region type',
      'the column must have the type crdb_internal_region',
    );
  }
  if (column.nullable) {
    refuse('may contain NULL values', 'add a NOT NULL constraint on the column first');
  }
  refuseVirtual(column);
  return undefined;
}

function primaryLiteral({ primary, enumId }: DatabaseRegions, run: DdlRun): string {
  const member = run
    .type(enumId)
    .enumMembers.find(({ logicalRepresentation }) => logicalRepresentation === primary);
  return `x'${Buffer.from(member?.physicalRepresentation ?? []).toString('hex')}'`;
}

const INDEX_COMMENT = 3;

/** Comments and zones of the indexes go with them. */
function renumberIndexes(table: TableDescriptor, run: DdlRun): void {
  const comments = listComments(run.db);
  const zones = listZones(run.db);
  for (const index of allIndexes(table)) {
    const old = index.id;
    index.id = table.nextIndexId++;
    for (const row of comments) {
      if (row.type !== INDEX_COMMENT || row.objectId !== table.id || row.subId !== old) continue;
      deleteComment(run.db, INDEX_COMMENT, table.id, old);
      putComment(run.db, { ...row, subId: index.id });
    }
    for (const row of zones) {
      if (row.id !== table.id || row.subId !== old) continue;
      deleteZone(run.db, table.id, old);
      putZone(run.db, { ...row, subId: index.id });
    }
  }
}
