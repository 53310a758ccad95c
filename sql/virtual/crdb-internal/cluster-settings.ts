import { BOOL, STRING } from '../../../catalog/types/table';
import { listSettings } from '../../../storage/ranges/setting-rows';
import { systemTable } from '../system-table';

/** Cluster settings that were set. */
export const clusterSettings = systemTable({
  schema: 'crdb_internal',
  name: 'cluster_settings',
  volatile: true,
  columns: { variable: STRING, value: STRING, type: STRING, public: BOOL, description: STRING },
  *rows({ engine }) {
    for (const { name, value, valueType } of listSettings(engine.db))
      yield { variable: name, value, type: valueType, public: true, description: '' };
  },
});
