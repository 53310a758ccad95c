import { displayExpression } from '../../../catalog/show-create';
import { NAME, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const pgViews = systemTable({
  schema: 'pg_catalog',
  name: 'pg_views',
  columns: { schemaname: NAME, viewname: NAME, viewowner: NAME, definition: STRING },
  *rows({ objects, catalog }) {
    for (const { info, namespace, owner } of objects.relations)
      if (info.kind === 'view')
        yield {
          schemaname: namespace.name,
          viewname: info.name,
          viewowner: owner,
          definition: displayExpression(info.viewQuery ?? '', catalog),
        };
  },
});
