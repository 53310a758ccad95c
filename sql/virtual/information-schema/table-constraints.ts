import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { namedConstraints } from './constraint-rows';

export const tableConstraints = systemTable({
  schema: 'information_schema',
  name: 'table_constraints',
  columns: {
    constraint_catalog: STRING,
    constraint_schema: STRING,
    constraint_name: STRING,
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    constraint_type: STRING,
    is_deferrable: STRING,
    initially_deferred: STRING,
  },
  *rows(context) {
    const catalog = context.database.name;
    for (const { relation, name, type } of namedConstraints(context))
      yield {
        constraint_catalog: catalog,
        constraint_schema: relation.namespace.name,
        constraint_name: name,
        table_catalog: catalog,
        table_schema: relation.namespace.name,
        table_name: relation.info.name,
        constraint_type: type,
        is_deferrable: 'NO',
        initially_deferred: 'NO',
      };
  },
});
