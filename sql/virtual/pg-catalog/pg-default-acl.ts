import {
  ALL_ROLES,
  type DefaultGrant,
  type DefaultKind,
  type DefaultsHolder,
  grantedByDefault,
  OBJECT_KINDS,
  publicUsesTypes,
  roleHasAll,
  rolesWithDefaults,
} from '../../../catalog/default-privileges';
import { ALL_PRIVILEGES, GRANTABLE, maskOf, privilegeBit } from '../../../catalog/privileges';
import { PUBLIC_ROLE } from '../../../catalog/roles';
import { arrayOf, OID, QCHAR, STRING } from '../../../catalog/types/table';
import { hashOid, roleOid } from '../oids';
import { systemTable } from '../system-table';

/** In the order of v21.2, with its letters. */
const KINDS: readonly (readonly [DefaultKind, string])[] = [
  ['tables', 'r'],
  ['sequences', 'S'],
  ['types', 'T'],
  ['schemas', 'n'],
];

/** Others have no letter in PostgreSQL. Source of the order: CockroachDB v21.2, pkg/sql/privilege. */
const LETTERS = [
  ['CREATE', 'C'],
  ['USAGE', 'U'],
  ['INSERT', 'a'],
  ['CONNECT', 'c'],
  ['DELETE', 'd'],
  ['SELECT', 'r'],
  ['UPDATE', 'w'],
] as const;

const NONE = 0;

/** What ALTER DEFAULT PRIVILEGES has changed, as v21.2 shows it: nobody stands as the grantor. */
export const pgDefaultAcl = systemTable({
  schema: 'pg_catalog',
  name: 'pg_default_acl',
  columns: {
    oid: OID,
    defaclrole: OID,
    defaclnamespace: OID,
    defaclobjtype: QCHAR,
    defaclacl: arrayOf(STRING),
  },
  *rows({ database, catalog, objects }) {
    const namespaces = new Map(objects.namespaces.map(({ name, oid }) => [name, oid]));
    const schemas = [...catalog.entries()].filter(({ databaseId }) => databaseId === database.id);
    const holders: [string, DefaultsHolder][] = [['', database]];
    for (const { name, descriptor } of schemas) {
      if (descriptor.union.case === 'schema') holders.push([name, descriptor.union.value]);
    }
    for (const [schema, holder] of holders) {
      for (const role of rolesWithDefaults(holder)) {
        for (const [kind, letter] of KINDS) {
          const items = itemsOf(holder, role, kind, schema === '');
          if (items === undefined) continue;
          yield {
            oid: hashOid('default acl', database.id, schema, role, letter),
            defaclrole: role === ALL_ROLES ? NONE : roleOid(role),
            defaclnamespace: namespaces.get(schema) ?? NONE,
            defaclobjtype: letter,
            defaclacl: items,
          };
        }
      }
    }
  },
});

/** @param hasFlags see default-privileges.ts @returns undefined: nothing of the kind was changed */
function itemsOf(
  holder: DefaultsHolder,
  role: string,
  kind: DefaultKind,
  hasFlags: boolean,
): string[] | undefined {
  const granted = grantedByDefault(holder, role, kind);
  const hasAll = role === ALL_ROLES || !hasFlags || roleHasAll(holder, role, kind);
  const isUsed = kind !== 'types' || !hasFlags || publicUsesTypes(holder, role) !== false;
  if (granted.length === 0 && hasAll && isUsed) return undefined;
  const items = [...granted];
  // Of two flags for types the one that still holds has to be said.
  if (kind === 'types' && role !== ALL_ROLES && hasFlags) {
    if (isUsed && !hasAll) items.push({ user: PUBLIC_ROLE, mask: privilegeBit('USAGE') });
    if (hasAll && !isUsed) items.push({ user: role, mask: ALL_PRIVILEGES });
  }
  return items.map((item) => aclItem(item, kind));
}

function aclItem({ user, mask }: DefaultGrant, kind: DefaultKind): string {
  const isAll = (mask & ALL_PRIVILEGES) !== 0n;
  const held = isAll ? maskOf(GRANTABLE[OBJECT_KINDS[kind]]) : mask;
  const letters = LETTERS.filter(([name]) => (held & privilegeBit(name)) !== 0n);
  return `${user === PUBLIC_ROLE ? '' : user}=${letters.map(([, letter]) => letter).join('')}/`;
}
