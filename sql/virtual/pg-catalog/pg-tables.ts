import { BOOL, NAME } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { classEntries } from './relations';

export const pgTables = systemTable({
  schema: 'pg_catalog',
  name: 'pg_tables',
  columns: {
    schemaname: NAME,
    tablename: NAME,
    tableowner: NAME,
    tablespace: NAME,
    hasindexes: BOOL,
    hasrules: BOOL,
    hastriggers: BOOL,
    rowsecurity: BOOL,
  },
  *rows(context) {
    for (const entry of classEntries(context))
      if (entry.kind === 'r')
        yield {
          schemaname: entry.schema,
          tablename: entry.name,
          tableowner: entry.owner,
          hasindexes: entry.hasIndex,
          hasrules: false,
          hastriggers: false,
          rowsecurity: false,
        };
  },
});
