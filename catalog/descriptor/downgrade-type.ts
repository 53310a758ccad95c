import { clearField, create } from '@bufbuild/protobuf';
import { type ColumnType, ColumnTypeSchema, Family } from './gen/type_pb';

/**
 * Column types as v21.1 and v21.2 store them; the inverse of `upgradeType`. Whoever reads one takes the spelling of a family from
 * `visible_type`, whatever its OID says: a VARCHAR without it is read as a STRING.
 *
 * Source: format reference 05 §9, and the types in backups of v20.2 to v21.2-alpha.
 */

/** `visible_type` by OID. */
const VISIBLE_TYPE: { readonly [oid: number]: number } = {
  700: 5, // FLOAT4
  1043: 7, // VARCHAR
  1042: 8, // CHAR
  18: 9, // "char"
  1562: 10, // VARBIT
};
const SPELLED: ReadonlySet<Family> = new Set([
  Family.FloatFamily,
  Family.StringFamily,
  Family.CollatedStringFamily,
  Family.BitFamily,
]);
const NAME_OID = 19;
const INT2VECTOR_OID = 22;
const OIDVECTOR_OID = 30;

/** In place. */
export function downgradeType(type: ColumnType): void {
  if (SPELLED.has(type.family)) type.visibleType = VISIBLE_TYPE[type.oid] ?? 0;
  if (type.oid === NAME_OID && type.family === Family.StringFamily) {
    type.family = Family.LegacyNameFamily;
  }
  if (type.family !== Family.CollatedStringFamily) clearField(type, ColumnTypeSchema.field.locale);
  for (const field of type.tupleContents) downgradeType(field);
  clearField(type, ColumnTypeSchema.field.arrayElemType);
  if (type.family === Family.ArrayFamily) downgradeArray(type);
}

/** An array also says of itself what its elements are, which was all that releases before 19.2 read. */
function downgradeArray(type: ColumnType): void {
  const element = type.arrayContents ?? create(ColumnTypeSchema);
  const isName = element.family === Family.LegacyNameFamily;
  const family = isName ? Family.StringFamily : element.family;
  downgradeType(element);
  type.width = element.width;
  type.precision = element.precision;
  type.visibleType = element.visibleType;
  if (element.family === Family.CollatedStringFamily) type.locale = element.locale;
  type.arrayElemType = family;
  if (type.oid === INT2VECTOR_OID) type.family = Family.LegacyInt2VectorFamily;
  if (type.oid === OIDVECTOR_OID) type.family = Family.LegacyOidVectorFamily;
}
