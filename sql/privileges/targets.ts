import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, VIRTUAL_SCHEMAS } from '../../catalog/constants';
import { GRANTABLE, type ObjectKind, type PrivilegeName } from '../../catalog/privileges';
import type { DescriptorHeader } from '../../catalog/snapshot';
import type { QualifiedName, TablePattern } from '../parse/ast';
import type { PrivilegeTarget } from '../parse/privileges-ast';
import { SessionCatalogView } from '../session/catalog-view';
import {
  currentDatabase,
  existingSchemas,
  type NameContext,
  resolveRelation,
} from '../session/name-resolution';

/** What GRANT, REVOKE and SHOW GRANTS name. */

const isPresent = (entry: DescriptorHeader | undefined): entry is DescriptorHeader =>
  entry !== undefined;

export function databaseNamed(name: string, names: NameContext): DescriptorHeader {
  const id = names.catalog.database(name)?.id;
  const entry = id === undefined ? undefined : names.catalog.entry(id);
  if (entry !== undefined) return entry;
  throw new SqlError('invalidCatalogName', `database "${name}" does not exist`);
}

/** `s` or `d.s`. @returns undefined for `public` and virtual schemas, which have no descriptor */
export function schemaNamed(
  name: QualifiedName,
  names: NameContext,
): { readonly database: DescriptorHeader; readonly schema: DescriptorHeader | undefined } {
  const [last = '', outer] = [...name.parts].reverse();
  const database = databaseNamed(outer ?? currentDatabase(names), names);
  const id = names.catalog.schemaId(database.id, last);
  const isVirtual = (VIRTUAL_SCHEMAS as readonly string[]).includes(last);
  if (id === undefined && !isVirtual) {
    throw new SqlError('invalidSchemaName', `unknown schema "${last}"`);
  }
  const isOwn = id !== undefined && id !== PUBLIC_SCHEMA_ID;
  return { database, schema: isOwn ? names.catalog.entry(id) : undefined };
}

export function typeNamed(name: QualifiedName, names: NameContext): DescriptorHeader {
  const label = name.parts.join('.');
  const found = new SessionCatalogView(names).resolveType(name.parts)?.enum;
  const entry = found === undefined ? undefined : names.catalog.entry(found.id);
  if (entry !== undefined) return entry;
  throw new SqlError('undefinedObject', `type "${label}" does not exist`);
}

function relationsIn(
  databaseId: number,
  schemaId: number | undefined,
  names: NameContext,
): DescriptorHeader[] {
  return names.catalog
    .tables(databaseId)
    .filter((table) => schemaId === undefined || table.schemaId === schemaId)
    .map((table) => names.catalog.entry(table.id))
    .filter(isPresent);
}

/** `t`, `s.t`, `d.s.t`, `*`, `s.*`, `d.*`, `d.s.*`. @throws SqlError undefinedTable (42P01), undefinedObject (42704) */
export function relationsNamed(pattern: TablePattern, names: NameContext): DescriptorHeader[] {
  const label = pattern.parts.join('.');
  if (!pattern.star) {
    const table = resolveRelation(pattern.parts, names);
    const entry = table === undefined ? undefined : names.catalog.entry(table.id);
    if (entry !== undefined) return [entry];
    throw new SqlError('undefinedTable', `relation "${label}" does not exist`);
  }
  const { catalog } = names;
  const current = catalog.database(currentDatabase(names));
  const [first, second] = pattern.parts;
  if (first === undefined) {
    const [schema] = existingSchemas(names);
    const id = current === undefined ? undefined : catalog.schemaId(current.id, schema ?? 'public');
    return current === undefined ? [] : relationsIn(current.id, id ?? PUBLIC_SCHEMA_ID, names);
  }
  if (second !== undefined) {
    const database = databaseNamed(first, names);
    const { schema } = schemaNamed({ parts: [first, second], location: 0 }, names);
    return relationsIn(database.id, schema?.id ?? PUBLIC_SCHEMA_ID, names);
  }
  const schemaId = current === undefined ? undefined : catalog.schemaId(current.id, first);
  if (current !== undefined && schemaId !== undefined)
    return relationsIn(current.id, schemaId, names);
  const database = catalog.database(first);
  if (database !== undefined) return relationsIn(database.id, undefined, names);
  throw new SqlError('undefinedObject', `no object matched "${label}.*"`);
}

export function targetEntries(target: PrivilegeTarget, names: NameContext): DescriptorHeader[] {
  switch (target.kind) {
    case 'database':
      return target.names.map((name) => databaseNamed(name, names));
    case 'schema':
      return target.names.map((name) => {
        const { schema } = schemaNamed(name, names);
        if (schema !== undefined) return schema;
        const label = name.parts.at(-1) ?? '';
        throw new SqlError('invalidSchemaName', `cannot change privileges on schema "${label}"`, {
          hint: 'What may be created in "public" follows from CREATE on its database.',
        });
      });
    case 'type':
      return target.names.map((name) => typeNamed(name, names));
    case 'table':
      return target.patterns.flatMap((pattern) => relationsNamed(pattern, names));
    case 'allTablesInSchema':
      return target.names.flatMap((name) => {
        const { database, schema } = schemaNamed(name, names);
        return relationsIn(database.id, schema?.id ?? PUBLIC_SCHEMA_ID, names);
      });
  }
}

export function objectKind(entry: DescriptorHeader): ObjectKind {
  if (entry.kind !== 'table') return entry.kind;
  const { union } = entry.descriptor;
  return union.case === 'table' && union.value.sequenceOpts !== undefined ? 'sequence' : 'table';
}

/** @throws SqlError invalidGrantOperation (0LP01) */
export function checkGrantable(privileges: readonly PrivilegeName[], kind: ObjectKind): void {
  for (const privilege of privileges) {
    if (privilege === 'ALL' || GRANTABLE[kind].includes(privilege)) continue;
    throw new SqlError('invalidGrantOperation', `invalid privilege type ${privilege} for ${kind}`);
  }
}
