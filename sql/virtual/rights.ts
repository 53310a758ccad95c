import { GRANTABLE, type PrivilegeName } from '../../catalog/privileges';
import { TYPE_ROWS, USER_TYPE_OID_BASE } from '../../catalog/types/table';
import { type Actor, hasOption, hasPrivilege, isAdmin, secured } from '../privileges/access';
import { mayReadSystemTable } from '../privileges/system-access';
import { roleOid } from './oids';
import type { SystemContext } from './system-table';

/** What users hold on the objects of a database, as `has_…_privilege` asks for it. */

export const RIGHTS_KINDS = {
  relation: 1,
  schema: 2,
  database: 3,
  type: 4,
  role: 5,
  option: 6,
} as const;

interface Right {
  readonly kind: number;
  readonly oid: number;
  readonly text: string;
}

const ALL_TABLE_RIGHTS: readonly PrivilegeName[] = GRANTABLE.sequence;

/** Privileges by names and commas; empty: the object is there and nothing is held. */
export function* rightsOf(context: SystemContext, user: string): Iterable<Right> {
  const { catalog, objects, database } = context;
  const actor: Actor = { catalog, user };
  const held = (id: number, names: readonly PrivilegeName[]): string => {
    const entry = catalog.entry(id);
    if (entry === undefined) return '';
    const object = secured(entry);
    return names.filter((name) => hasPrivilege(actor, object, name)).join(',');
  };
  const { relation, schema, database: ofDatabase, type, role, option } = RIGHTS_KINDS;
  for (const { oid } of objects.relations)
    yield { kind: relation, oid, text: held(oid, ALL_TABLE_RIGHTS) };
  for (const table of context.systemTables)
    yield { kind: relation, oid: table.oid, text: systemRights(actor, table, database.name) };
  for (const { oid, id, name } of objects.namespaces) {
    const isPublic = name === 'public';
    const create = isPublic ? held(database.id, ['CREATE']) : '';
    const own = isPublic ? ['USAGE', create].filter(Boolean).join(',') : 'USAGE';
    const isOwn = id !== 0 && !isPublic;
    yield { kind: schema, oid, text: isOwn ? held(id, GRANTABLE.schema) : own };
  }
  for (const { id } of catalog.databases())
    yield { kind: ofDatabase, oid: id, text: held(id, GRANTABLE.database) };
  for (const { oid } of TYPE_ROWS) yield { kind: type, oid, text: 'USAGE' };
  for (const { id, arrayTypeId } of catalog.types(database.id)) {
    const text = held(id, GRANTABLE.type);
    yield { kind: type, oid: id + USER_TYPE_OID_BASE, text };
    yield { kind: type, oid: arrayTypeId + USER_TYPE_OID_BASE, text };
  }
  yield* rolesOf(actor, role);
  yield { kind: option, oid: 0, text: optionsOf(actor) };
}

function systemRights(
  actor: Actor,
  table: { readonly name: string; readonly schema: string },
  databaseName: string,
): string {
  const { name, schema: schemaName } = table;
  return mayReadSystemTable(actor, { name, schemaName, databaseName }) ? 'SELECT' : '';
}

function* rolesOf(actor: Actor, kind: number): Iterable<Right> {
  const { roles } = actor.catalog;
  const memberOf = roles.rolesOf(actor.user);
  for (const { name } of roles.all()) {
    const isGrantor = isAdmin(actor) || memberOf.get(name) === true;
    const isMember = isGrantor || name === actor.user || memberOf.has(name);
    const text = isGrantor ? 'USAGE,GRANT' : isMember ? 'USAGE' : '';
    yield { kind, oid: roleOid(name), text };
  }
}

const OPTIONS = [
  'CREATEROLE',
  'CREATEDB',
  'CONTROLJOB',
  'CANCELQUERY',
  'VIEWACTIVITY',
  'VIEWACTIVITYREDACTED',
  'CREATELOGIN',
  'CONTROLCHANGEFEED',
  'MODIFYCLUSTERSETTING',
];

const optionsOf = (actor: Actor): string =>
  OPTIONS.filter((name) => hasOption(actor, name)).join(',');
