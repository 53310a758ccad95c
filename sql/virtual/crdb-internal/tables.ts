import { DescriptorState } from '../../../catalog/descriptor/gen/table_pb';
import { localityName } from '../../../catalog/regions';
import { timestampOfMicros } from '../../../catalog/types/datetime';
import { INT8, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

const STATES: { readonly [S in DescriptorState]: string } = {
  [DescriptorState.PUBLIC]: 'PUBLIC',
  [DescriptorState.DROP]: 'DROP',
  [DescriptorState.OFFLINE]: 'OFFLINE',
  [DescriptorState.ADD]: 'ADD',
};

/** Of all databases, dropped and offline ones too. */
export const tables = systemTable({
  schema: 'crdb_internal',
  name: 'tables',
  columns: {
    table_id: INT8,
    parent_id: INT8,
    name: STRING,
    database_name: STRING,
    version: INT8,
    mod_time: TIMESTAMP,
    mod_time_logical: STRING,
    format_version: STRING,
    state: STRING,
    sc_lease_node_id: INT8,
    sc_lease_expiration_time: TIMESTAMP,
    drop_time: TIMESTAMP,
    audit_mode: STRING,
    schema_name: STRING,
    parent_schema_id: INT8,
    locality: STRING,
  },
  *rows({ catalog }) {
    for (const entry of catalog.entries()) {
      const table = catalog.tableDescriptor(entry.id);
      if (table === undefined) continue;
      const modified = table.modificationTime?.wallTime ?? 0n;
      yield {
        table_id: table.id,
        parent_id: table.parentId,
        name: table.name,
        database_name: catalog.databaseName(table.parentId),
        version: table.version,
        mod_time: timestampOfMicros(modified / 1000n),
        mod_time_logical: `${modified}.0000000000`,
        format_version: 'InterleavedFormatVersion',
        state: STATES[table.state],
        audit_mode: 'DISABLED',
        schema_name: catalog.schemaName(entry.schemaId),
        parent_schema_id: entry.schemaId,
        locality: localityName(table),
      };
    }
  },
});
