import { quoteIdentifier, quoteQualified } from '../../catalog/identifiers';
import { displayExpression } from '../../catalog/show-create';
import {
  BOOL,
  INT8,
  OID,
  STRING,
  TYPE_ROWS,
  typeByOid,
  USER_TYPE_OID_BASE,
} from '../../catalog/types/table';
import { pgTypeName } from '../../catalog/types/type-name';
import { rangesOfTable } from '../../storage/ranges/ranges';
import { nameKey } from '../bind/qualified-names';
import { indexDefinition } from './definitions';
import { ID_LOOKUPS } from './id-lookups';
import { lookup } from './lookup-table';
import { roleOid } from './oids';
import { databaseComments, descriptions } from './pg-catalog/comments';
import { functionEntries } from './pg-catalog/pg-proc';
import { typeEntries } from './pg-catalog/pg-type';
import { classEntries } from './pg-catalog/relations';
import { roleEntries } from './pg-catalog/role-entries';
import { rightsOf } from './rights';
import type { SystemContext } from './system-table';

/**
 * What functions over OIDs give, as tables: the binder turns `pg_get_indexdef(oid)` into a look-up of its row.
 * The last column is the result, those before it are the key.
 */

const indexDefinitions = lookup({
  name: 'lookup_index_definitions',
  columns: { oid: OID, position: INT8, text: STRING },
  *rows({ objects, catalog }) {
    for (const { oid, relation, index } of objects.indexes()) {
      yield { oid, position: 0, text: indexDefinition(relation.table, index, catalog) };
      for (const [i, name] of index.keyColumnNames.entries())
        yield { oid, position: i + 1, text: quoteIdentifier(name) };
    }
  },
});

const constraintDefinitions = lookup({
  name: 'lookup_constraint_definitions',
  columns: { oid: OID, text: STRING },
  *rows({ objects }) {
    for (const { oid, definition } of objects.constraints()) yield { oid, text: definition };
  },
});

const viewDefinitions = lookup({
  name: 'lookup_view_definitions',
  columns: { oid: OID, text: STRING },
  *rows({ objects, catalog }) {
    for (const { oid, info } of objects.relations)
      if (info.viewQuery !== undefined)
        yield { oid, text: displayExpression(info.viewQuery, catalog) };
  },
});

const roleNames = lookup({
  name: 'lookup_role_names',
  volatile: true,
  columns: { oid: OID, text: STRING },
  *rows(context) {
    yield { oid: roleOid('node'), text: 'node' };
    for (const { name } of roleEntries(context)) yield { oid: roleOid(name), text: name };
  },
});

/** Schemas in the order they are looked through: pg_catalog first unless the search path says otherwise. */
export function searchedSchemas({ settings, user }: SystemContext): readonly string[] {
  const path = settings.searchPath(user);
  return path.includes('pg_catalog') ? path : ['pg_catalog', ...path];
}

/** The first schema of the search path that has the name hides those after it. */
function* withVisibility<Entry extends { readonly name: string; readonly namespace: number }>(
  context: SystemContext,
  entries: Iterable<Entry>,
): Iterable<readonly [Entry, boolean]> {
  const searched = searchedSchemas(context);
  const rank = new Map<number, number>();
  for (const { name, oid } of context.objects.namespaces) {
    const at = searched.indexOf(name);
    if (at >= 0) rank.set(oid, at);
  }
  const all = [...entries];
  const best = new Map<string, number>();
  for (const { name, namespace } of all) {
    const at = rank.get(namespace);
    if (at !== undefined) best.set(name, Math.min(at, best.get(name) ?? at));
  }
  for (const entry of all) {
    const at = rank.get(entry.namespace);
    yield [entry, at !== undefined && at === best.get(entry.name)];
  }
}

function* namedRelations(context: SystemContext) {
  for (const { oid, name, namespaceOid: namespace, schema } of classEntries(context))
    yield { oid, name, namespace, schema };
}

const relationVisible = lookup({
  name: 'lookup_relation_visible',
  volatile: true,
  columns: { oid: OID, visible: BOOL },
  *rows(context) {
    for (const [{ oid }, visible] of withVisibility(context, namedRelations(context)))
      yield { oid, visible };
  },
});

/** What a REGCLASS prints: the name, with its schema where the search path does not lead to it. */
const relationNames = lookup({
  name: 'lookup_relation_names',
  volatile: true,
  columns: { oid: OID, text: STRING },
  *rows(context) {
    for (const [{ oid, name, schema }, visible] of withVisibility(context, namedRelations(context)))
      yield { oid, text: quoteQualified(visible ? [name] : [schema, name]) };
  },
});

/** Every way to name a relation: alone where it is visible, with its schema, with its database. */
const relationsByName = lookup({
  name: 'lookup_relations_by_name',
  volatile: true,
  columns: { key: STRING, oid: OID },
  *rows(context) {
    for (const [entry, visible] of withVisibility(context, namedRelations(context))) {
      const { oid, name, schema } = entry;
      if (visible) yield { key: nameKey([name]), oid };
      yield { key: nameKey([schema, name]), oid };
      yield { key: nameKey([context.database.name, schema, name]), oid };
    }
  },
});

const typesByName = lookup({
  name: 'lookup_types_by_name',
  volatile: true,
  columns: { key: STRING, oid: OID },
  *rows(context) {
    const schemas = new Map(context.objects.namespaces.map(({ oid, name }) => [oid, name]));
    for (const [entry, visible] of withVisibility(context, typeEntries(context))) {
      const { oid, name } = entry;
      if (visible) yield { key: nameKey([name]), oid };
      yield { key: nameKey([schemas.get(entry.namespace) ?? '', name]), oid };
    }
    for (const { oid, pgName } of TYPE_ROWS) yield { key: nameKey([pgName]), oid };
  },
});

const typeVisible = lookup({
  name: 'lookup_type_visible',
  volatile: true,
  columns: { oid: OID, visible: BOOL },
  *rows(context) {
    for (const [{ oid }, visible] of withVisibility(context, typeEntries(context)))
      yield { oid, visible };
  },
});

/** Names of user-defined types; built-in ones need no catalog. */
const userTypeNames = lookup({
  name: 'lookup_user_type_names',
  volatile: true,
  columns: { oid: OID, text: STRING },
  *rows(context) {
    const { catalog } = context;
    for (const [entry, visible] of withVisibility(context, typeEntries(context))) {
      if (entry.oid < USER_TYPE_OID_BASE || typeByOid(entry.oid) !== undefined) continue;
      const element = entry.element === 0 ? entry.oid : entry.element;
      const metadata = catalog.enumMetadata(element - USER_TYPE_OID_BASE);
      if (metadata === undefined) continue;
      const parts = visible ? [metadata.name] : [metadata.schemaName, metadata.name];
      yield { oid: entry.oid, text: `${quoteQualified(parts)}${entry.element === 0 ? '' : '[]'}` };
    }
  },
});

const namespacesByName = lookup({
  name: 'lookup_namespaces_by_name',
  columns: { key: STRING, oid: OID },
  *rows({ objects }) {
    for (const { oid, name } of objects.namespaces) yield { key: nameKey([name]), oid };
  },
});

const rolesByName = lookup({
  name: 'lookup_roles_by_name',
  volatile: true,
  columns: { key: STRING, oid: OID },
  *rows(context) {
    for (const { name } of roleEntries(context)) yield { key: nameKey([name]), oid: roleOid(name) };
  },
});

/** The first of functions with the same name. */
const functionsByName = lookup({
  name: 'lookup_functions_by_name',
  columns: { key: STRING, oid: OID },
  *rows() {
    for (const { oid, schema, name } of functionEntries())
      yield { key: schema === 'pg_catalog' ? name : `${schema}.${name}`, oid };
  },
});

const functionVisible = lookup({
  name: 'lookup_function_visible',
  columns: { oid: OID, visible: BOOL },
  *rows() {
    for (const { oid, schema } of functionEntries())
      yield { oid, visible: schema === 'pg_catalog' };
  },
});

const functionNames = lookup({
  name: 'lookup_function_names',
  columns: { oid: OID, text: STRING },
  *rows() {
    for (const { oid, schema, name } of functionEntries())
      yield { oid, text: schema === 'pg_catalog' ? name : `${schema}.${name}` };
  },
});

const nameOfType = (oid: number): string => {
  const type = typeByOid(oid);
  return type === undefined ? 'anyelement' : pgTypeName(type);
};

const functionResults = lookup({
  name: 'lookup_function_results',
  columns: { oid: OID, text: STRING },
  *rows() {
    for (const { oid, returns } of functionEntries()) yield { oid, text: nameOfType(returns) };
  },
});

const functionArguments = lookup({
  name: 'lookup_function_arguments',
  columns: { oid: OID, text: STRING },
  *rows() {
    for (const { oid, args, variadic } of functionEntries()) {
      const names = args.map(nameOfType);
      if (variadic !== 0) names.push(`VARIADIC ${nameOfType(variadic)}[]`);
      yield { oid, text: names.join(', ') };
    }
  },
});

const namespaceNames = lookup({
  name: 'lookup_namespace_names',
  columns: { oid: OID, text: STRING },
  *rows({ objects }) {
    for (const { oid, name } of objects.namespaces) yield { oid, text: quoteIdentifier(name) };
  },
});

const objectDescriptions = lookup({
  name: 'lookup_descriptions',
  volatile: true,
  columns: { oid: OID, position: INT8, text: STRING },
  *rows(context) {
    for (const { objectOid, subId, text } of descriptions(context))
      yield { oid: objectOid, position: subId, text };
  },
});

const sharedDescriptions = lookup({
  name: 'lookup_shared_descriptions',
  volatile: true,
  columns: { oid: OID, text: STRING },
  *rows(context) {
    for (const { objectOid, text } of databaseComments(context)) yield { oid: objectOid, text };
  },
});

function sizeOfTable({ engine }: SystemContext, id: number): number {
  return rangesOfTable(engine.db, id).reduce((sum, range) => sum + range.sizeBytes, 0);
}

/** Bytes that were restored. */
const relationSizes = lookup({
  name: 'lookup_relation_sizes',
  volatile: true,
  columns: { oid: OID, bytes: INT8 },
  *rows(context) {
    for (const { oid, info } of context.objects.relations)
      if (info.kind === 'table' || info.kind === 'materialized view')
        yield { oid, bytes: sizeOfTable(context, oid) };
  },
});

const databaseSizes = lookup({
  name: 'lookup_database_sizes',
  volatile: true,
  columns: { name: STRING, bytes: INT8 },
  *rows(context) {
    const { catalog } = context;
    for (const database of catalog.databases()) {
      const sizes = catalog.tables(database.id).map((table) => sizeOfTable(context, table.id));
      yield { name: database.name, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }
  },
});

const databaseSizesById = lookup({
  name: 'lookup_database_sizes_by_id',
  volatile: true,
  columns: { oid: OID, bytes: INT8 },
  *rows(context) {
    const { catalog } = context;
    for (const { id } of catalog.databases()) {
      const sizes = catalog.tables(id).map((table) => sizeOfTable(context, table.id));
      yield { oid: id, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }
  },
});

const settingValues = lookup({
  name: 'lookup_settings',
  volatile: true,
  columns: { name: STRING, value: STRING },
  *rows({ settings }) {
    for (const [name, value] of settings.all()) yield { name, value };
  },
});

/** Of the current user. */
const rights = lookup({
  name: 'lookup_rights',
  volatile: true,
  columns: { kind: INT8, oid: OID, text: STRING },
  *rows(context) {
    for (const right of rightsOf(context, context.user)) yield { ...right };
  },
});

const roleRights = lookup({
  name: 'lookup_role_rights',
  volatile: true,
  columns: { role: OID, kind: INT8, oid: OID, text: STRING },
  *rows(context) {
    for (const { name } of context.catalog.roles.all()) {
      const role = roleOid(name);
      for (const right of rightsOf(context, name)) yield { role, ...right };
    }
  },
});

const databaseOids = lookup({
  name: 'lookup_database_oids',
  columns: { name: STRING, oid: OID },
  *rows({ catalog }) {
    for (const { name, id } of catalog.databases()) yield { name, oid: id };
  },
});

export const LOOKUPS = {
  ...ID_LOOKUPS,
  databaseSizesById,
  rights,
  roleRights,
  databaseOids,
  indexDefinitions,
  constraintDefinitions,
  viewDefinitions,
  roleNames,
  relationVisible,
  relationNames,
  relationsByName,
  typesByName,
  typeVisible,
  userTypeNames,
  functionVisible,
  functionNames,
  functionResults,
  functionArguments,
  namespaceNames,
  namespacesByName,
  rolesByName,
  functionsByName,
  objectDescriptions,
  sharedDescriptions,
  relationSizes,
  databaseSizes,
  settingValues,
} as const;
