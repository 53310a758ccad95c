import { ForeignKeyAction, ForeignKeyMatch } from '../../../catalog/descriptor/gen/index_pb';
import { arrayOf, BOOL, INT2, INT4, NAME, OID, QCHAR, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

const ACTIONS: { readonly [A in ForeignKeyAction]: string } = {
  [ForeignKeyAction.NO_ACTION]: 'a',
  [ForeignKeyAction.RESTRICT]: 'r',
  [ForeignKeyAction.SET_NULL]: 'n',
  [ForeignKeyAction.SET_DEFAULT]: 'd',
  [ForeignKeyAction.CASCADE]: 'c',
};

const MATCHES: { readonly [M in ForeignKeyMatch]: string } = {
  [ForeignKeyMatch.SIMPLE]: 's',
  [ForeignKeyMatch.FULL]: 'f',
  [ForeignKeyMatch.PARTIAL]: 'p',
};

export const pgConstraint = systemTable({
  schema: 'pg_catalog',
  name: 'pg_constraint',
  columns: {
    oid: OID,
    conname: NAME,
    connamespace: OID,
    contype: QCHAR,
    condeferrable: BOOL,
    condeferred: BOOL,
    convalidated: BOOL,
    conrelid: OID,
    contypid: OID,
    conindid: OID,
    conparentid: OID,
    confrelid: OID,
    confupdtype: QCHAR,
    confdeltype: QCHAR,
    confmatchtype: QCHAR,
    conislocal: BOOL,
    coninhcount: INT4,
    connoinherit: BOOL,
    conkey: arrayOf(INT2),
    confkey: arrayOf(INT2),
    conpfeqop: arrayOf(OID),
    conppeqop: arrayOf(OID),
    conffeqop: arrayOf(OID),
    conexclop: arrayOf(OID),
    conbin: STRING,
    consrc: STRING,
    condef: STRING,
  },
  *rows({ objects }) {
    for (const constraint of objects.constraints()) {
      const { relation, references, index } = constraint;
      yield {
        oid: constraint.oid,
        conname: constraint.name,
        connamespace: relation.namespace.oid,
        contype: constraint.kind,
        condeferrable: false,
        condeferred: false,
        convalidated: constraint.validated,
        conrelid: relation.oid,
        contypid: 0,
        conindid: index?.oid ?? references?.index?.oid ?? 0,
        conparentid: 0,
        confrelid: references?.table.id ?? 0,
        confupdtype: references === undefined ? '' : ACTIONS[references.onUpdate],
        confdeltype: references === undefined ? '' : ACTIONS[references.onDelete],
        confmatchtype: references === undefined ? '' : MATCHES[references.match],
        conislocal: true,
        coninhcount: 0,
        connoinherit: true,
        conkey: constraint.columnIds,
        confkey: references?.columnIds,
        conbin: constraint.expression,
        consrc: constraint.expression,
        condef: constraint.definition,
      };
    }
  },
});
