import { ownerOf } from '../../../catalog/privileges';
import type { TypeRow } from '../../../catalog/types/table';
import {
  arrayOf,
  BOOL,
  INT2,
  INT2VECTOR_OID,
  INT4,
  NAME,
  OID,
  OIDVECTOR_OID,
  QCHAR,
  REGPROC,
  STRING,
  TYPE_ROWS,
  typeByOid,
  UNKNOWN,
  USER_TYPE_OID_BASE,
} from '../../../catalog/types/table';
import { namespaceOid, roleOid } from '../oids';
import { type SystemContext, systemTable } from '../system-table';
import { collationOid } from './pg-collation';
import { ioFunctionOid } from './type-io';

const PSEUDO_CATEGORY = 'P';
const ARRAY_CATEGORY = 'A';
/** Preferred in their categories. Source: PostgreSQL, pg_type.dat. */
const PREFERRED = new Set([16, 25, 26, 701, 869, 1184, 1186, 1562]);

interface TypeEntry {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  readonly owner: string;
  readonly length: number;
  readonly type: 'b' | 'e' | 'p';
  readonly category: string;
  readonly element: number;
  readonly array: number;
}

function* builtInTypes(): Iterable<TypeEntry> {
  const common = { namespace: namespaceOid(0, 'pg_catalog'), owner: 'node' };
  for (const row of TYPE_ROWS) {
    yield { ...common, ...scalarEntry(row) };
    if (row.arrayOid !== 0) yield { ...common, ...arrayEntry(row) };
  }
  const vector = { ...common, length: -1, type: 'b', category: ARRAY_CATEGORY, array: 0 } as const;
  yield { ...vector, oid: INT2VECTOR_OID, name: 'int2vector', element: INT2.oid };
  yield { ...vector, oid: OIDVECTOR_OID, name: 'oidvector', element: OID.oid };
}

function scalarEntry(row: TypeRow): Omit<TypeEntry, 'namespace' | 'owner'> {
  return {
    oid: row.oid,
    name: row.typname,
    length: row.sizeBytes,
    type: row.category === PSEUDO_CATEGORY ? 'p' : 'b',
    category: row.category,
    element: 0,
    array: row.arrayOid,
  };
}

function arrayEntry(row: TypeRow): Omit<TypeEntry, 'namespace' | 'owner'> {
  const pseudo = row.typname === 'anyelement';
  return {
    oid: row.arrayOid,
    name: pseudo ? 'anyarray' : `_${row.typname}`,
    length: -1,
    type: pseudo ? 'p' : 'b',
    category: pseudo ? PSEUDO_CATEGORY : ARRAY_CATEGORY,
    element: pseudo ? 0 : row.oid,
    array: 0,
  };
}

function* userTypes({ catalog, database, objects }: SystemContext): Iterable<TypeEntry> {
  for (const type of catalog.types(database.id)) {
    const metadata = catalog.enumMetadata(type.id);
    if (metadata === undefined) continue;
    const namespace = objects.namespaceNamed(metadata.schemaName).oid;
    const common = { namespace, owner: ownerOf(type.privileges), length: -1 };
    const oid = type.id + USER_TYPE_OID_BASE;
    const array = metadata.arrayOid;
    yield { ...common, oid, name: type.name, type: 'e', category: 'E', element: 0, array };
    const arrayName = catalog.entry(type.arrayTypeId)?.name;
    if (arrayName === undefined) continue;
    const element = { element: oid, array: 0 };
    yield { ...common, oid: array, name: arrayName, type: 'b', category: 'A', ...element };
  }
}

function ioType({ category, element, name, type }: TypeEntry): string {
  if (category === ARRAY_CATEGORY && element !== 0) return 'array';
  return type === 'e' ? 'enum' : name === 'anyarray' ? 'array' : name;
}

export function* typeEntries(context: SystemContext): Iterable<TypeEntry> {
  yield* builtInTypes();
  yield* userTypes(context);
}

export const pgType = systemTable({
  schema: 'pg_catalog',
  name: 'pg_type',
  columns: {
    oid: OID,
    typname: NAME,
    typnamespace: OID,
    typowner: OID,
    typlen: INT2,
    typbyval: BOOL,
    typtype: QCHAR,
    typcategory: QCHAR,
    typispreferred: BOOL,
    typisdefined: BOOL,
    typdelim: QCHAR,
    typrelid: OID,
    typelem: OID,
    typarray: OID,
    typinput: REGPROC,
    typoutput: REGPROC,
    typreceive: REGPROC,
    typsend: REGPROC,
    typmodin: REGPROC,
    typmodout: REGPROC,
    typanalyze: REGPROC,
    typalign: QCHAR,
    typstorage: QCHAR,
    typnotnull: BOOL,
    typbasetype: OID,
    typtypmod: INT4,
    typndims: INT4,
    typcollation: OID,
    typdefaultbin: STRING,
    typdefault: STRING,
    typacl: arrayOf(STRING),
  },
  *rows(context) {
    for (const entry of typeEntries(context))
      yield {
        oid: entry.oid,
        typname: entry.name,
        typnamespace: entry.namespace,
        typowner: roleOid(entry.owner),
        typlen: entry.length,
        typbyval: entry.length > 0 && entry.length <= 8,
        typtype: entry.type,
        typcategory: entry.category,
        typispreferred: PREFERRED.has(entry.oid),
        typisdefined: true,
        typdelim: ',',
        typrelid: 0,
        typelem: entry.element,
        typarray: entry.array,
        typinput: ioFunctionOid(ioType(entry), 'in'),
        typoutput: ioFunctionOid(ioType(entry), 'out'),
        typreceive: ioFunctionOid(ioType(entry), 'recv'),
        typsend: ioFunctionOid(ioType(entry), 'send'),
        typmodin: 0,
        typmodout: 0,
        typanalyze: 0,
        typnotnull: false,
        typbasetype: 0,
        typtypmod: -1,
        typndims: 0,
        typcollation: collationOid(typeByOid(entry.oid) ?? UNKNOWN),
      };
  },
});
