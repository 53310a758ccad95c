import type { TableInfo } from '../../catalog/table-info';
import type { BindContext, MaterializedTable } from '../bind/catalog-view';
import type { SessionValues } from '../builtins/repr';
import type { EngineContext } from '../engine-context';
import { LOOKUPS } from '../virtual/lookups';
import { systemTableByOid } from '../virtual/registry';
import { systemRows } from '../virtual/system-rows';
import type { SystemTable } from '../virtual/system-table';
import { currentDatabase, type NameContext } from './name-resolution';

/** Rows of system tables for the binder, as one session sees them. */
export function systemTableSource(
  engine: EngineContext,
  names: NameContext,
  session: SessionValues,
): Pick<BindContext, 'systemTable' | 'lookupTable'> {
  const { catalog, settings, user } = names;
  const rows = (table: SystemTable, databaseName: string): MaterializedTable | undefined => {
    const database = catalog.database(databaseName);
    if (database === undefined) return undefined;
    return systemRows(table, { catalog, engine, settings, session, user }, database);
  };
  return {
    systemTable(info: TableInfo) {
      const table = systemTableByOid(info.id);
      return table === undefined ? undefined : rows(table, info.databaseName);
    },
    lookupTable(name) {
      const table = LOOKUPS[name];
      const made = rows(table, currentDatabase(names)) ?? { columns: table.columns, rows: [] };
      return { ...made, keyColumns: table.columns.length - 1 };
    },
  };
}
