import { INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const nodeBuildInfo = systemTable({
  schema: 'crdb_internal',
  name: 'node_build_info',
  volatile: true,
  columns: { node_id: INT8, field: STRING, value: STRING },
  *rows({ settings }) {
    const text = settings.get('crdb_version');
    const tag = /v\d+\.\d+\.\d+/.exec(text)?.[0] ?? '';
    const fields = { Name: 'Ootheca', ClusterID: '', Organization: '', Build: text, Version: tag };
    for (const [field, value] of Object.entries(fields)) yield { node_id: 1, field, value };
  },
});
