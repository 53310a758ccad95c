import { OID, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { databaseComments } from './comments';

export const pgShdescription = systemTable({
  schema: 'pg_catalog',
  name: 'pg_shdescription',
  volatile: true,
  columns: { objoid: OID, classoid: OID, description: STRING },
  *rows(context) {
    for (const { objectOid, classOid, text } of databaseComments(context))
      yield { objoid: objectOid, classoid: classOid, description: text };
  },
});
