import { SqlError } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { REGION_COLUMN, regionColumnName } from '../../catalog/regional-rows';
import {
  type DatabaseRegions,
  globalLocality,
  isRegionalByRow,
  regionalByTable,
  regionsOfDatabase,
} from '../../catalog/regions';
import type { SetLocalityStatement, TableLocality } from '../parse/alter-ast';
import type { StatementContext } from '../statements/statement-context';
import { requireRegional } from './alter-regions';
import { changeRegionalRows, declareRegionColumn, partitionByRegion } from './regional-by-row';
import { type DdlRun, runDefinition } from './run';
import { findRelation } from './target';
import { usesRegionEnum } from './type-uses';

/** LOCALITY of tables: in CREATE TABLE, and ALTER TABLE … SET LOCALITY. */
export async function setLocality(
  statement: SetLocalityStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('ALTER TABLE SET LOCALITY', context, (run) => {
    const info = findRelation(statement.table, ['table'], run);
    if (info === undefined) {
      if (statement.ifExists) return;
      const name = statement.table.parts.join('.');
      throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
    }
    requireRegional(info.id, run);
    const regions = regionsOfDatabase(info.databaseId, run.catalog);
    if (regions === undefined) {
      throw new SqlError(
        'invalidTableDefinition',
        "cannot alter a table's LOCALITY if its database is not multi-region enabled",
      );
    }
    const table = run.table(info.id);
    const { locality } = statement;
    if (locality.kind === 'row') {
      if (regionColumnName(table) === (locality.column ?? REGION_COLUMN)) return;
      changeRegionalRows(table, { as: locality.column }, regions, run);
      noteRegionUse(table, regions, run);
      return;
    }
    if (isRegionalByRow(table)) changeRegionalRows(table, undefined, regions, run);
    applyLocality(table, locality, regions, run);
  });
}

/**
 * What LOCALITY of a new table asks for, once its columns are declared.
 * @returns what there is to do when its indexes are there, too
 * @throws SqlError invalidTableDefinition (42P16), undefinedColumn (42703)
 */
export function declareLocality(
  table: TableDescriptor,
  locality: TableLocality | null,
  run: DdlRun,
): () => void {
  if (locality === null) return () => undefined;
  const regions = regionsOfDatabase(table.parentId, run.catalog);
  if (regions === undefined) {
    throw new SqlError(
      'invalidTableDefinition',
      'cannot set LOCALITY on a table in a database that is not multi-region enabled',
      {
        hint: 'database must first be multi-region enabled using ALTER DATABASE ... SET PRIMARY REGION <region>',
      },
    );
  }
  if (locality.kind !== 'row') return () => applyLocality(table, locality, regions, run);
  declareRegionColumn(table, locality.column, regions, run);
  return () => {
    partitionByRegion(table, locality.column, regions, run);
    noteRegionUse(table, regions, run);
  };
}

/** A table that names its region uses the enum of regions. */
function applyLocality(
  table: TableDescriptor,
  locality: Exclude<TableLocality, { kind: 'row' }>,
  regions: DatabaseRegions,
  run: DdlRun,
): void {
  const region = locality.kind === 'table' ? locality.region : null;
  if (region !== null && !regions.names.includes(region)) {
    const database = run.catalog.databaseName(table.parentId);
    throw new SqlError(
      'invalidTableDefinition',
      `region "${region}" has not been added to database "${database}"`,
      { hint: `available regions: ${regions.names.join(', ')}` },
    );
  }
  table.localityConfig =
    locality.kind === 'global' ? globalLocality() : regionalByTable(region ?? '');
  noteRegionUse(table, regions, run);
}

/** Keeps the enum's list of its users. */
export function noteRegionUse(table: TableDescriptor, regions: DatabaseRegions, run: DdlRun): void {
  const type = run.type(regions.enumId);
  const others = type.referencingDescriptorIds.filter((id) => id !== table.id);
  type.referencingDescriptorIds = usesRegionEnum(table, type) ? [...others, table.id] : others;
}
