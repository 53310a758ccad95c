import { INT2, OID, STRING } from '../../../catalog/types/table';
import { plainExpression } from '../definitions';
import { hashOid } from '../oids';
import { systemTable } from '../system-table';

export const pgAttrdef = systemTable({
  schema: 'pg_catalog',
  name: 'pg_attrdef',
  columns: { oid: OID, adrelid: OID, adnum: INT2, adbin: STRING, adsrc: STRING },
  *rows({ objects, catalog }) {
    for (const { oid, info } of objects.relations)
      for (const column of info.columns) {
        if (column.inaccessible === true) continue;
        const stored = column.defaultExpr ?? column.computeExpr;
        if (stored === undefined) continue;
        const text = plainExpression(stored, catalog);
        yield {
          oid: hashOid('default', oid, column.id),
          adrelid: oid,
          adnum: column.id,
          adbin: text,
          adsrc: text,
        };
      }
  },
});
