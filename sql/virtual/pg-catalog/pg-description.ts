import { INT4, OID, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { descriptions } from './comments';

export const pgDescription = systemTable({
  schema: 'pg_catalog',
  name: 'pg_description',
  volatile: true,
  columns: { objoid: OID, classoid: OID, objsubid: INT4, description: STRING },
  *rows(context) {
    for (const { objectOid, classOid, subId, text } of descriptions(context))
      yield { objoid: objectOid, classoid: classOid, objsubid: subId, description: text };
  },
});
