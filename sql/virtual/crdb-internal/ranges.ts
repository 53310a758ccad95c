import { prettyKey } from '../../../backup/format/datum/pretty-key';
import { arrayOf, BYTES, INT8, JSONB, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { rangesOfTable } from '../../../storage/ranges/ranges';
import { type SystemContext, type SystemValue, systemTable } from '../system-table';

/** Key spans of restored tables, of all databases. */

const COLUMNS = {
  range_id: INT8,
  start_key: BYTES,
  start_pretty: STRING,
  end_key: BYTES,
  end_pretty: STRING,
  table_id: INT8,
  database_name: STRING,
  schema_name: STRING,
  table_name: STRING,
  index_name: STRING,
  replicas: arrayOf(INT8),
  replica_localities: arrayOf(STRING),
  voting_replicas: arrayOf(INT8),
  non_voting_replicas: arrayOf(INT8),
  learner_replicas: arrayOf(INT8),
  split_enforced_until: TIMESTAMP,
} as const;

const THIS_NODE = [1n];

type RangeRow = { readonly [N in keyof typeof COLUMNS]?: SystemValue } & {
  readonly lease_holder: SystemValue;
  readonly range_size: SystemValue;
};

function* rangeRows({ catalog, engine }: SystemContext): Iterable<RangeRow> {
  for (const entry of catalog.entries()) {
    if (entry.kind !== 'table') continue;
    for (const range of rangesOfTable(engine.db, entry.id))
      yield {
        range_id: range.rangeId,
        start_key: range.startKey,
        start_pretty: prettyKey(range.startKey),
        end_key: range.endKey,
        end_pretty: prettyKey(range.endKey),
        table_id: entry.id,
        database_name: catalog.databaseName(entry.databaseId),
        schema_name: catalog.schemaName(entry.schemaId),
        table_name: entry.name,
        index_name: '',
        replicas: THIS_NODE,
        replica_localities: [''],
        voting_replicas: THIS_NODE,
        non_voting_replicas: [],
        learner_replicas: [],
        lease_holder: 1,
        range_size: range.sizeBytes,
      };
  }
}

export const rangesNoLeases = systemTable<keyof typeof COLUMNS>({
  schema: 'crdb_internal',
  name: 'ranges_no_leases',
  volatile: true,
  columns: COLUMNS,
  rows: rangeRows,
});

export const ranges = systemTable({
  schema: 'crdb_internal',
  name: 'ranges',
  volatile: true,
  columns: { ...COLUMNS, lease_holder: INT8, range_size: INT8, errors: JSONB },
  rows: rangeRows,
});
