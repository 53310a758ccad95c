import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID, VIRTUAL_SCHEMAS } from '../../catalog/constants';
import type { DescriptorHeader } from '../../catalog/snapshot';
import type { RelationKind, TableInfo } from '../../catalog/table-info';
import { isTemporarySchema } from '../../catalog/temporary';
import type { QualifiedName } from '../parse/ast';
import { requireCreateIn } from '../privileges/access';
import { currentDatabase, existingSchemas, resolveRelation } from '../session/name-resolution';
import { ownSchemaNamed, temporarySchemaOf } from '../session/temporary-schemas';
import type { DdlRun } from './run';
import { requireTemporaryTables, temporarySchemaIn } from './temporary';

/** Where a new object goes. */
export interface Target {
  readonly databaseId: number;
  readonly databaseName: string;
  readonly schemaId: number;
  readonly schemaName: string;
  readonly name: string;
  /** It ends with its session. */
  readonly temporary: boolean;
}

const isVirtual = (schema: string): boolean =>
  (VIRTUAL_SCHEMAS as readonly string[]).includes(schema);

/** @throws SqlError invalidSchemaName (3F000), insufficientPrivilege (42501) */
export function newTarget(name: QualifiedName, run: DdlRun, temporary = false): Target {
  if (temporary || isTemporaryName(name, run)) return temporaryTarget(name, run);
  const { catalog } = run;
  const [first = '', second = '', third = ''] = name.parts;
  const current = currentDatabase(run.names);
  const place = (databaseName: string, schemaName: string, leaf: string): Target | undefined => {
    const database = catalog.database(databaseName);
    if (database === undefined) return undefined;
    if (isVirtual(schemaName)) {
      throw new SqlError('invalidSchemaName', `schema cannot be modified: "${schemaName}"`);
    }
    const schemaId = catalog.schemaId(database.id, schemaName);
    if (schemaId === undefined) return undefined;
    return {
      databaseId: database.id,
      databaseName,
      schemaId,
      schemaName,
      name: leaf,
      temporary: false,
    };
  };
  let target: Target | undefined;
  if (name.parts.length === 1) {
    const schema = existingSchemas(run.names)[0];
    target = schema === undefined ? undefined : place(current, schema, first);
  } else if (name.parts.length === 2) {
    target = place(current, first, second) ?? place(first, 'public', second);
  } else if (name.parts.length === 3) target = place(first, second, third);
  if (target === undefined) {
    throw new SqlError(
      'invalidSchemaName',
      `cannot create "${name.parts.join('.')}" because the target database or schema does not exist`,
      {
        hint: 'verify that the current database and search_path are valid and/or the target database exists',
      },
    );
  }
  if (target.databaseId === SYSTEM_DATABASE_ID) {
    throw new SqlError(
      'insufficientPrivilege',
      `user ${run.names.user} does not have CREATE privilege on database system`,
    );
  }
  if (target.name === '') throw new SqlError('syntaxError', 'empty table name');
  requireCreateIn(run.names, target.databaseId, target.schemaId);
  return target;
}

const isTemporaryName = ({ parts }: QualifiedName, run: DdlRun): boolean =>
  isTemporarySchema(ownSchemaNamed(parts.at(-2) ?? '', run.names.settings));

/** @throws SqlError invalidTableDefinition (42P16), featureNotSupported (0A000) */
function temporaryTarget(name: QualifiedName, run: DdlRun): Target {
  requireTemporaryTables(run);
  const { parts } = name;
  const [leaf = '', schema] = [...parts].reverse();
  if (schema !== undefined && !isTemporaryName(name, run)) {
    throw new SqlError(
      'invalidTableDefinition',
      'cannot create temporary relation in non-temporary schema',
    );
  }
  const databaseName = parts.length > 2 ? (parts[0] ?? '') : currentDatabase(run.names);
  const database = run.catalog.database(databaseName);
  if (database === undefined || database.id === SYSTEM_DATABASE_ID) {
    throw new SqlError(
      'invalidSchemaName',
      `cannot create "${parts.join('.')}" because the target database or schema does not exist`,
    );
  }
  return {
    databaseId: database.id,
    databaseName,
    schemaId: temporarySchemaIn(database.id, run),
    schemaName: temporarySchemaOf(run.names.settings),
    name: leaf,
    temporary: true,
  };
}

export const fullName = (target: Target): string =>
  `${target.databaseName}.${target.schemaName}.${target.name}`;

export function holderOf(target: Target, run: DdlRun): DescriptorHeader | undefined {
  return run.catalog.holderOfName(target.databaseId, target.schemaId, target.name);
}

/**
 * Refuses a name that is taken, or says that there is nothing to do.
 * @returns true when the object exists and IF NOT EXISTS was said
 */
export function alreadyExists(target: Target, ifNotExists: boolean, run: DdlRun): boolean {
  const holder = holderOf(target, run);
  if (holder === undefined) return false;
  const what = holder.kind === 'type' ? 'type' : 'relation';
  if (ifNotExists) {
    run.notice({
      severity: 'NOTICE',
      code: '42P07',
      message: `${what} "${fullName(target)}" already exists, skipping`,
    });
    return true;
  }
  const code = holder.kind === 'type' ? 'duplicateObject' : 'duplicateRelation';
  throw new SqlError(code, `${what} "${fullName(target)}" already exists`);
}

/** What ALTER calls the relations. */
export const ALTERED_KINDS = {
  TABLE: 'table',
  VIEW: 'view',
  'MATERIALIZED VIEW': 'materialized view',
  SEQUENCE: 'sequence',
} as const;

export type AlteredKind = (typeof ALTERED_KINDS)[keyof typeof ALTERED_KINDS];

/**
 * The relation that an ALTER moves or renames; undefined when there is none and IF EXISTS was said.
 * @throws SqlError undefinedTable (42P01), wrongObjectType (42809), insufficientPrivilege (42501)
 */
export function alteredRelation(
  statement: { readonly name: QualifiedName; readonly ifExists: boolean },
  kind: AlteredKind,
  run: DdlRun,
): TableInfo | undefined {
  // ALTER TABLE may name a view or a sequence as well.
  const kinds = kind === 'table' ? (['table', 'view', 'sequence'] as const) : [kind];
  const relation = findRelation(statement.name, kinds, run);
  if (relation !== undefined) run.require(relation.id, 'DROP');
  else if (!statement.ifExists) {
    const name = statement.name.parts.join('.');
    throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
  }
  return relation;
}

/** An existing relation; undefined when there is none. @throws SqlError wrongObjectType (42809) */
export function findRelation(
  name: QualifiedName,
  kinds: readonly RelationKind[],
  run: DdlRun,
): TableInfo | undefined {
  const found = resolveRelation(name.parts, run.names);
  if (found === undefined || kinds.includes(found.kind)) return found;
  const wanted = kinds[0] ?? 'table';
  if (found.kind === 'materialized view' && wanted === 'view') {
    throw new SqlError('wrongObjectType', `"${found.name}" is a materialized view`, {
      hint: 'use the corresponding MATERIALIZED VIEW command',
    });
  }
  throw new SqlError('wrongObjectType', `"${found.name}" is not a ${wanted}`);
}

/** @throws SqlError undefinedTable (42P01), wrongObjectType (42809) */
export function requireRelation(
  name: QualifiedName,
  kinds: readonly RelationKind[],
  run: DdlRun,
): TableInfo {
  const found = findRelation(name, kinds, run);
  if (found !== undefined) return found;
  throw new SqlError('undefinedTable', `relation "${name.parts.join('.')}" does not exist`);
}

export const schemaIdOf = (table: { readonly unexposedParentSchemaId: number }): number =>
  table.unexposedParentSchemaId || PUBLIC_SCHEMA_ID;

/** `db.schema.table`, for messages. */
export function qualifiedTableName(
  table: {
    readonly parentId: number;
    readonly unexposedParentSchemaId: number;
    readonly name: string;
  },
  run: DdlRun,
): string {
  const { catalog } = run;
  return `${catalog.databaseName(table.parentId)}.${catalog.schemaName(schemaIdOf(table))}.${table.name}`;
}
