import { floatToRepr } from '../../../catalog/types/float';
import { FLOAT4, OID, STRING, USER_TYPE_OID_BASE } from '../../../catalog/types/table';
import { hashOid } from '../oids';
import { systemTable } from '../system-table';

export const pgEnum = systemTable({
  schema: 'pg_catalog',
  name: 'pg_enum',
  columns: { oid: OID, enumtypid: OID, enumsortorder: FLOAT4, enumlabel: STRING },
  *rows({ catalog, database }) {
    for (const type of catalog.types(database.id))
      for (const [i, { label }] of (catalog.enumMetadata(type.id)?.members ?? []).entries())
        yield {
          oid: hashOid('enum label', type.id, label),
          enumtypid: type.id + USER_TYPE_OID_BASE,
          enumsortorder: floatToRepr(i),
          enumlabel: label,
        };
  },
});
