import { BOOL, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const sessionVariables = systemTable({
  schema: 'crdb_internal',
  name: 'session_variables',
  volatile: true,
  columns: { variable: STRING, value: STRING, hidden: BOOL },
  *rows({ settings }) {
    for (const [variable, value] of settings.all()) yield { variable, value, hidden: false };
  },
});
