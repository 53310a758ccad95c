import { NAME, OID, QCHAR } from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { PREFIX_AM_OID } from './pg-class';

/** One way to look up keys: by prefix. */
export const pgAm = systemTable({
  schema: 'pg_catalog',
  name: 'pg_am',
  columns: { oid: OID, amname: NAME, amhandler: OID, amtype: QCHAR },
  *rows() {
    yield { oid: PREFIX_AM_OID, amname: 'prefix', amhandler: 0, amtype: 'i' };
  },
});
