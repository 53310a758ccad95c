import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { namedConstraints } from './constraint-rows';

export const checkConstraints = systemTable({
  schema: 'information_schema',
  name: 'check_constraints',
  columns: {
    constraint_catalog: STRING,
    constraint_schema: STRING,
    constraint_name: STRING,
    check_clause: STRING,
  },
  *rows(context) {
    for (const { relation, name, type, clause } of namedConstraints(context))
      if (type === 'CHECK')
        yield {
          constraint_catalog: context.database.name,
          constraint_schema: relation.namespace.name,
          constraint_name: name,
          check_clause: clause,
        };
  },
});
