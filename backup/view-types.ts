import { USER_TYPE_OID_BASE } from '../catalog/constants';
import { type Descriptor, TypeDescriptor_Kind } from '../catalog/descriptor/gen/descriptor_pb';
import { quoteQualified } from '../catalog/identifiers';
import type { DescriptorHeader } from '../catalog/snapshot';
import { rewriteReferences } from '../catalog/stored-expression';

/**
 * User-defined types in the queries of views: by OID in the catalog, by name in backups. RESTORE gives types new ids, and CockroachDB's,
 * before v23.2, leaves the OIDs in views as they were (cockroachdb/cockroach#116653).
 */

/** `database.schema.type`, or that and `[]`, by OID. */
export type TypeNames = ReadonlyMap<number, string>;

export function typeNames(entries: Iterable<DescriptorHeader>): TypeNames {
  const byId = new Map([...entries].map((entry) => [entry.id, entry]));
  const names = new Map<number, string>();
  for (const { id, databaseId, schemaId, name, descriptor } of byId.values()) {
    const { union } = descriptor;
    if (union.case !== 'type' || union.value.kind === TypeDescriptor_Kind.ALIAS) continue;
    const schema = byId.get(schemaId)?.name ?? 'public';
    const qualified = quoteQualified([byId.get(databaseId)?.name ?? '', schema, name]);
    names.set(id + USER_TYPE_OID_BASE, qualified);
    names.set(union.value.arrayTypeId + USER_TYPE_OID_BASE, `${qualified}[]`);
  }
  return names;
}

/** In place. */
export function nameTypesOfView({ union }: Descriptor, names: TypeNames): void {
  if (union.case !== 'table' || union.value.viewQuery === '') return;
  union.value.viewQuery = rewriteReferences(union.value.viewQuery, {
    type: (oid) => names.get(oid),
  });
}

const IDENTIFIER = String.raw`(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*")`;
const TYPE = new RegExp(
  String.raw`'(?:[^'\\]|''|\\.)*'|(::|\bAS )(${IDENTIFIER}\.${IDENTIFIER}\.${IDENTIFIER}(?:\[\])?)|"(?:[^"]|"")*"`,
  'gu',
);

/** The inverse: a view's query as the catalog has it. */
export function typesByOid(query: string, names: TypeNames): string {
  const oids = new Map([...names].map(([oid, name]) => [name, oid]));
  return query.replace(TYPE, (whole, before?: string, name?: string) => {
    const oid = name === undefined ? undefined : oids.get(name);
    return oid === undefined ? whole : `${before}@${oid}`;
  });
}
