import { INT4, OID, QCHAR } from '../../../catalog/types/table';
import { hashOid } from '../oids';
import { catalogOid, systemTable } from '../system-table';

/** Columns that own a sequence, and foreign keys with the keys they refer to. */
export const pgDepend = systemTable({
  schema: 'pg_catalog',
  name: 'pg_depend',
  columns: {
    classid: OID,
    objid: OID,
    objsubid: INT4,
    refclassid: OID,
    refobjid: OID,
    refobjsubid: INT4,
    deptype: QCHAR,
  },
  *rows(context) {
    const { objects } = context;
    const pgClass = catalogOid(context, 'pg_class');
    const pgConstraint = catalogOid(context, 'pg_constraint');
    const pgAttrdef = catalogOid(context, 'pg_attrdef');
    for (const { oid, references } of objects.constraints()) {
      if (references?.index === undefined) continue;
      yield {
        classid: pgConstraint,
        objid: oid,
        objsubid: 0,
        refclassid: pgClass,
        refobjid: references.index.oid,
        refobjsubid: 0,
        deptype: 'n',
      };
    }
    for (const { oid, table } of objects.relations)
      for (const column of table.columns) {
        for (const sequence of column.ownsSequenceIds)
          yield {
            classid: pgClass,
            objid: sequence,
            objsubid: 0,
            refclassid: pgClass,
            refobjid: oid,
            refobjsubid: column.id,
            deptype: 'a',
          };
        for (const sequence of column.usesSequenceIds)
          yield {
            classid: pgAttrdef,
            objid: hashOid('default', oid, column.id),
            objsubid: 0,
            refclassid: pgClass,
            refobjid: sequence,
            refobjsubid: 0,
            deptype: 'n',
          };
      }
  },
});
