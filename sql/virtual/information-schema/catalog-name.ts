import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const catalogName = systemTable({
  schema: 'information_schema',
  name: 'information_schema_catalog_name',
  columns: { catalog_name: STRING },
  *rows({ database }) {
    yield { catalog_name: database.name };
  },
});
