import { displayExpression } from '../../../catalog/show-create';
import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const views = systemTable({
  schema: 'information_schema',
  name: 'views',
  columns: {
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    view_definition: STRING,
    check_option: STRING,
    is_updatable: STRING,
    is_insertable_into: STRING,
    is_trigger_updatable: STRING,
    is_trigger_deletable: STRING,
    is_trigger_insertable_into: STRING,
  },
  *rows({ database, objects, catalog }) {
    for (const { info, namespace } of objects.relations)
      if (info.kind === 'view')
        yield {
          table_catalog: database.name,
          table_schema: namespace.name,
          table_name: info.name,
          view_definition: displayExpression(info.viewQuery ?? '', catalog),
          is_updatable: 'NO',
          is_insertable_into: 'NO',
          is_trigger_updatable: 'NO',
          is_trigger_deletable: 'NO',
          is_trigger_insertable_into: 'NO',
        };
  },
});
