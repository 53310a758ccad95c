import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const sessionVariables = systemTable({
  schema: 'information_schema',
  name: 'session_variables',
  volatile: true,
  columns: { variable: STRING, value: STRING },
  *rows({ settings }) {
    for (const [variable, value] of settings.all()) yield { variable, value };
  },
});
