import { displayExpression } from '../../../catalog/show-create';
import { BOOL, NAME, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const pgMatviews = systemTable({
  schema: 'pg_catalog',
  name: 'pg_matviews',
  columns: {
    schemaname: NAME,
    matviewname: NAME,
    matviewowner: NAME,
    tablespace: NAME,
    hasindexes: BOOL,
    ispopulated: BOOL,
    definition: STRING,
  },
  *rows({ objects, catalog }) {
    for (const { info, namespace, owner, indexes } of objects.relations)
      if (info.kind === 'materialized view')
        yield {
          schemaname: namespace.name,
          matviewname: info.name,
          matviewowner: owner,
          hasindexes: indexes.length > 0,
          ispopulated: true,
          definition: displayExpression(info.viewQuery ?? '', catalog),
        };
  },
});
