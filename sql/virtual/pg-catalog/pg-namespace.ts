import { arrayOf, NAME, OID, STRING } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

export const pgNamespace = systemTable({
  schema: 'pg_catalog',
  name: 'pg_namespace',
  columns: { oid: OID, nspname: NAME, nspowner: OID, nspacl: arrayOf(STRING) },
  *rows({ objects }) {
    for (const { oid, name, owner } of objects.namespaces)
      yield { oid, nspname: name, nspowner: roleOid(owner) };
  },
});
