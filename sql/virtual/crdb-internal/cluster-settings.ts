import { BOOL, STRING } from '../../../catalog/types/table';
import { clusterSettingValues } from '../../cluster-settings/cluster-settings';
import { systemTable } from '../system-table';

export const clusterSettings = systemTable({
  schema: 'crdb_internal',
  name: 'cluster_settings',
  volatile: true,
  columns: { variable: STRING, value: STRING, type: STRING, public: BOOL, description: STRING },
  *rows({ engine }) {
    for (const { setting, value } of clusterSettingValues(engine.db)) {
      const { name: variable, type, public: isPublic, description } = setting;
      yield { variable, value, type, public: isPublic, description };
    }
  },
});
