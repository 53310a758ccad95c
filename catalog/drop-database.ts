import { SqlError } from '../base/errors';
import { invariant } from '../base/invariant';
import type { Connection } from '../storage/ranges/connection';
import { retireTable } from '../storage/ranges/history-tables';
import { dropPhysicalTable } from '../storage/ranges/physical-table';
import { deleteRangesOfTable } from '../storage/ranges/ranges';
import { deleteSettingsIn } from '../storage/ranges/role-setting-rows';
import { deleteSequence } from '../storage/ranges/sequence-rows';
import { deleteStatisticsOfTable } from '../storage/ranges/statistic-rows';
import { sqliteTableName } from './build-table-info';
import { removeDescriptor } from './catalog-manager';
import { SYSTEM_DATABASE_ID } from './constants';
import { DescriptorState } from './descriptor/gen/table_pb';
import { isRegionType } from './regions';
import type { CatalogSnapshot, DescriptorHeader } from './snapshot';

/** Removes a table's rows, earlier ones too, and its ranges in the caller's write transaction. */
export function dropTableData(db: Connection, tableId: number): void {
  dropPhysicalTable(db, sqliteTableName(tableId));
  forgetTable(db, tableId);
}

/** The same, but who reads the past before `nowNanos` finds the rows. */
export function retireTableData(db: Connection, tableId: number, nowNanos: bigint): void {
  retireTable(db, tableId, nowNanos);
  forgetTable(db, tableId);
}

function forgetTable(db: Connection, tableId: number): void {
  deleteRangesOfTable(db, tableId);
  deleteSequence(db, tableId);
  deleteStatisticsOfTable(db, tableId);
}

/**
 * Drops a database with all that is in it, in the caller's write transaction.
 * @throws SqlError dependentObjectsStillExist (2BP01), objectNotInPrerequisiteState (55000) while something is being restored into it
 */
export function dropDatabase(
  db: Connection,
  catalog: CatalogSnapshot,
  name: string,
  behavior: 'cascade' | 'restrict',
  nowNanos: bigint,
): void {
  const database = catalog.database(name);
  invariant(database !== undefined, `database ${name} exists`);
  if (database.id === SYSTEM_DATABASE_ID) {
    throw new SqlError('insufficientPrivilege', 'cannot drop the system database');
  }
  const contents = [...catalog.entries()].filter((entry) => entry.databaseId === database.id);
  if (behavior === 'restrict' && contents.some((entry) => !isRegionType(entry, catalog))) {
    throw new SqlError(
      'dependentObjectsStillExist',
      `database "${name}" is not empty and RESTRICT was specified`,
    );
  }
  refuseOfflineContents(name, contents);
  refuseOutsideReferences(catalog, database.id, contents);
  for (const entry of contents) {
    if (entry.kind === 'table') retireTableData(db, entry.id, nowNanos);
    removeDescriptor(db, entry.id, nowNanos);
  }
  removeDescriptor(db, database.id, nowNanos);
  deleteSettingsIn(db, database.id);
}

function refuseOfflineContents(name: string, contents: readonly DescriptorHeader[]): void {
  const offline = contents.find((entry) => entry.state === DescriptorState.OFFLINE);
  if (offline === undefined) return;
  const schema = contents.find((entry) => entry.id === offline.schemaId)?.name ?? 'public';
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `cannot drop a database with OFFLINE objects, ensure ${name}.${schema}.${offline.name} is dropped or made public before dropping database ${name}`,
    {
      hint: 'It is being restored. Wait for the job (SHOW JOBS) or cancel it (CANCEL JOB).',
    },
  );
}

function refuseOutsideReferences(
  catalog: CatalogSnapshot,
  databaseId: number,
  contents: readonly DescriptorHeader[],
): void {
  for (const { descriptor } of contents) {
    if (descriptor.union.case !== 'table') continue;
    const table = descriptor.union.value;
    const users = [
      ...table.inboundFks.map((key) => key.originTableId),
      ...table.dependedOnBy.map((reference) => reference.id),
    ];
    const outside = users.find((id) => {
      const user = catalog.tableDescriptor(id);
      return user !== undefined && user.parentId !== databaseId;
    });
    if (outside !== undefined) {
      const user = catalog.tableDescriptor(outside)?.name ?? String(outside);
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot drop relation "${table.name}" because "${user}" of another database depends on it`,
      );
    }
  }
}
