import type { ColumnInfo } from '../../../catalog/table-info';
import type { SqlType } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  INT2,
  INT4,
  NAME,
  OID,
  QCHAR,
  STRING,
  typeRow,
} from '../../../catalog/types/table';
import { systemTable } from '../system-table';
import { collationOid } from './pg-collation';
import { typeModifier } from './type-modifier';

interface Attribute {
  readonly relation: number;
  readonly number: number;
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly column: ColumnInfo | undefined;
}

/** `pg_type.typlen` */
export const typeLength = (type: SqlType): number => typeRow(type)?.sizeBytes ?? -1;

/** `pg_attribute.attstorage` as PostgreSQL would have it: plain, main or extended. */
function storageLetter(type: SqlType): 'p' | 'm' | 'x' {
  if (typeLength(type) > 0 || type.family === 'enum') return 'p';
  return type.family === 'decimal' ? 'm' : 'x';
}

export const pgAttribute = systemTable({
  schema: 'pg_catalog',
  name: 'pg_attribute',
  columns: {
    attrelid: OID,
    attname: NAME,
    atttypid: OID,
    attstattarget: INT4,
    attlen: INT2,
    attnum: INT2,
    attndims: INT4,
    attcacheoff: INT4,
    atttypmod: INT4,
    attbyval: BOOL,
    attstorage: QCHAR,
    attalign: QCHAR,
    attnotnull: BOOL,
    atthasdef: BOOL,
    attidentity: QCHAR,
    attgenerated: QCHAR,
    attisdropped: BOOL,
    attislocal: BOOL,
    attinhcount: INT4,
    attcollation: OID,
    attacl: arrayOf(STRING),
    attoptions: arrayOf(STRING),
    attfdwoptions: arrayOf(STRING),
    atthasmissing: BOOL,
    attmissingval: arrayOf(STRING),
    attishidden: BOOL,
  },
  *rows({ objects, systemTables }) {
    for (const relation of objects.relations) {
      const { columns } = relation.info;
      for (const column of columns) {
        if (column.inaccessible === true) continue;
        const { name, type, nullable, id } = column;
        yield attributeRow({ relation: relation.oid, number: id, name, type, nullable, column });
      }
      const byId = new Map(columns.map((column) => [column.id, column]));
      for (const { oid, index } of relation.indexes)
        for (const [i, id] of index.keyColumnIds.entries()) {
          const column = byId.get(id);
          if (column === undefined) continue;
          const { name, type, nullable } = column;
          yield attributeRow({
            relation: oid,
            number: i + 1,
            name,
            type,
            nullable,
            column: undefined,
          });
        }
    }
    for (const table of systemTables)
      for (const [i, { name, type }] of table.columns.entries())
        yield attributeRow({
          relation: table.oid,
          number: i + 1,
          name,
          type,
          nullable: true,
          column: undefined,
        });
  },
});

function attributeRow({ relation, number, name, type, nullable, column }: Attribute) {
  const generated = column?.computeExpr !== undefined;
  return {
    attrelid: relation,
    attname: name,
    atttypid: type.oid,
    attstattarget: -1,
    attlen: typeLength(type),
    attnum: number,
    attndims: type.element === undefined ? 0 : 1,
    attcacheoff: -1,
    atttypmod: typeModifier(type),
    attstorage: storageLetter(type),
    attnotnull: !nullable,
    atthasdef: column?.defaultExpr !== undefined || generated,
    attidentity: '',
    attgenerated: generated ? (column?.virtual === true ? 'v' : 's') : '',
    attisdropped: false,
    attislocal: true,
    attinhcount: 0,
    attcollation: collationOid(type),
    atthasmissing: false,
    attishidden: column?.hidden === true,
  };
}
