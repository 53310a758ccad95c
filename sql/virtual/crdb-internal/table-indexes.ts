import { BOOL, INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const tableIndexes = systemTable({
  schema: 'crdb_internal',
  name: 'table_indexes',
  columns: {
    descriptor_id: INT8,
    descriptor_name: STRING,
    index_id: INT8,
    index_name: STRING,
    index_type: STRING,
    is_unique: BOOL,
    is_inverted: BOOL,
    is_sharded: BOOL,
    shard_bucket_count: INT8,
  },
  *rows({ objects }) {
    for (const { relation, index, info, primary } of objects.indexes())
      yield {
        descriptor_id: relation.oid,
        descriptor_name: relation.info.name,
        index_id: index.id,
        index_name: index.name,
        index_type: primary ? 'primary' : 'secondary',
        is_unique: index.unique,
        is_inverted: info.inverted,
        is_sharded: index.sharded?.isSharded === true,
        shard_bucket_count: index.sharded?.isSharded ? index.sharded.shardBuckets : undefined,
      };
  },
});
