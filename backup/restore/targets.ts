import { SqlError, type SqlStateName } from '../../base/errors';
import { SYSTEM_DATABASE_ID, USER_TYPE_OID_BASE } from '../../catalog/constants';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import type { ColumnType } from '../../catalog/descriptor/gen/type_pb';
import { homeRegion } from '../../catalog/regions';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';
import { referencedTypeOids } from '../../catalog/stored-expression';
import { storedTexts } from '../../catalog/stored-texts';
import { isTemporary } from '../../catalog/temporary';
import { presentColumns } from './mutations';
import type { RestoreContext, RestoreTargets, TablePattern } from './request';

/** The descriptors that a RESTORE makes, before any check; each list in the backup's order of ids. */
export interface ResolvedTargets {
  readonly databases: DescriptorHeader[];
  readonly schemas: DescriptorHeader[];
  readonly tables: DescriptorHeader[];
  readonly types: DescriptorHeader[];
  /** Names that tables get, by id. */
  readonly renames?: ReadonlyMap<number, string>;
}

/** What of the manifest decides which databases are whole. */
export interface BackupCoverage {
  readonly formatVersion: number;
  readonly completeDbs: readonly number[];
}

function unresolved(code: SqlStateName, message: string): SqlError {
  return new SqlError(
    code,
    `failed to resolve targets in the BACKUP location specified by the RESTORE stmt, ` +
      `use SHOW BACKUP to find correct targets: ${message}`,
  );
}

/**
 * Finds the targets among the backup's descriptors, and what they pull in: a database its schemas, tables and types;
 * a table its schema and the types its columns use.
 * @throws SqlError with CockroachDB's texts (format reference 07 §5).
 */
export function resolveTargets(
  backup: CatalogSnapshot,
  targets: Exclude<RestoreTargets, { kind: 'cluster' }>,
  coverage: BackupCoverage,
  context: RestoreContext,
): ResolvedTargets {
  return targets.kind === 'databases'
    ? databaseTargets(backup, targets.names, coverage)
    : tableTargets(backup, targets.patterns, coverage, context);
}

const byId = (a: DescriptorHeader, b: DescriptorHeader): number => a.id - b.id;

const isWhole = (coverage: BackupCoverage, databaseId: number): boolean =>
  coverage.formatVersion < 1 || coverage.completeDbs.includes(databaseId);

/** All that a cluster had beside its system database, which `cluster-plan.ts` sees to. */
export function clusterTargets(backup: CatalogSnapshot): ResolvedTargets {
  const whole = [...backup.entries()].filter((entry) => {
    const database = entry.kind === 'database' ? entry : backup.entry(entry.databaseId);
    if (database?.id === SYSTEM_DATABASE_ID || database?.state !== DescriptorState.PUBLIC) {
      return false;
    }
    return entry.state === DescriptorState.PUBLIC && !isTemporary(entry);
  });
  const ofKind = (kind: DescriptorHeader['kind']) =>
    whole.filter((entry) => entry.kind === kind).sort(byId);
  return {
    databases: ofKind('database'),
    schemas: ofKind('schema'),
    tables: ofKind('table'),
    types: ofKind('type'),
  };
}

function databaseTargets(
  backup: CatalogSnapshot,
  names: readonly string[],
  coverage: BackupCoverage,
): ResolvedTargets {
  const databases: DescriptorHeader[] = [];
  for (const name of names) {
    const entry = backup.holderOfName(0, 0, name);
    if (entry === undefined || entry.kind !== 'database' || entry.state !== 0) {
      throw unresolved('invalidCatalogName', `unknown database "${name}"`);
    }
    if (!databases.includes(entry)) databases.push(entry);
  }
  for (const database of databases) {
    if (!isWhole(coverage, database.id)) {
      throw unresolved(
        'wrongObjectType',
        'cannot RESTORE DATABASE from a backup of individual tables ' +
          '(use SHOW BACKUP to determine available tables)',
      );
    }
  }
  const inside = new Set(databases.map((database) => database.id));
  const contents = [...backup.entries()].filter(
    (entry) => inside.has(entry.databaseId) && entry.state === 0 && !isTemporary(entry),
  );
  return {
    databases,
    schemas: contents.filter((entry) => entry.kind === 'schema').sort(byId),
    tables: contents.filter((entry) => entry.kind === 'table').sort(byId),
    types: contents.filter((entry) => entry.kind === 'type').sort(byId),
  };
}

function tableTargets(
  backup: CatalogSnapshot,
  patterns: readonly TablePattern[],
  coverage: BackupCoverage,
  context: RestoreContext,
): ResolvedTargets {
  const tables = new Map<number, DescriptorHeader>();
  const renames = new Map<number, string>();
  const add = (entry: DescriptorHeader): void => {
    tables.set(entry.id, entry);
  };
  for (const pattern of patterns) {
    if (pattern.star) expandStar(backup, pattern.parts, coverage, context).forEach(add);
    else {
      const found = findTable(backup, pattern.parts, context);
      if (pattern.as) renames.set(found.id, pattern.as);
      add(found);
    }
  }
  if (tables.size === 0) {
    const text = patterns.map((p) => p.parts.join('.') + (p.star ? '.*' : '')).join(', ');
    throw unresolved(
      'undefinedTable',
      `no tables or databases matched the given targets: TABLE ${text}`,
    );
  }
  const sorted = [...tables.values()].sort(byId);
  const schemaIds = new Set(sorted.map((entry) => entry.schemaId));
  const types = typesUsedBy(backup, sorted);
  for (const type of types) schemaIds.add(type.schemaId);
  const schemas = [...schemaIds].flatMap((id) => backup.entry(id) ?? []);
  return {
    databases: [],
    schemas: schemas.filter((entry) => entry.kind === 'schema').sort(byId),
    tables: sorted,
    types,
    ...(renames.size === 0 ? {} : { renames }),
  };
}

/** Name parts to candidates of (database, schema, table), in the order in which they are tried. */
function candidates(parts: readonly string[], context: RestoreContext): string[][] {
  const [first = '', second = '', third = ''] = parts;
  if (parts.length >= 3) return [[first, second, third]];
  if (parts.length === 2) {
    return [
      [context.currentDatabase, first, second],
      [first, 'public', second],
    ];
  }
  return context.searchPath.map((schema) => [context.currentDatabase, schema, first]);
}

function lookUp(backup: CatalogSnapshot, [database = '', schema = '', table = '']: string[]) {
  const entry = backup.holderOfName(0, 0, database);
  if (entry === undefined || entry.kind !== 'database') return undefined;
  const schemaId = backup.schemaId(entry.id, schema);
  if (schemaId === undefined) return undefined;
  const found = backup.holderOfName(entry.id, schemaId, table);
  return found?.kind === 'table' && found.state === 0 && !isTemporary(found) ? found : undefined;
}

function findTable(
  backup: CatalogSnapshot,
  parts: readonly string[],
  context: RestoreContext,
): DescriptorHeader {
  for (const candidate of candidates(parts, context)) {
    const found = lookUp(backup, candidate);
    if (found !== undefined) return found;
  }
  throw unresolved('undefinedTable', `table "${parts.join('.')}" does not exist`);
}

/**
 * Which database, or which schema of one, `….*` means: `*` alone the current database, `a.*` the current database's schema of that
 * name before a database.
 */
export function starParts(
  backup: CatalogSnapshot,
  [first, second]: readonly string[],
  currentDatabase: string,
): readonly [database: string] | readonly [database: string, schema: string] {
  if (first === undefined) return [currentDatabase];
  if (second !== undefined) return [first, second];
  const current = backup.holderOfName(0, 0, currentDatabase);
  const isSchema = current !== undefined && backup.schemaId(current.id, first) !== undefined;
  return isSchema ? [currentDatabase, first] : [first];
}

function expandStar(
  backup: CatalogSnapshot,
  parts: readonly string[],
  coverage: BackupCoverage,
  context: RestoreContext,
): DescriptorHeader[] {
  const [databaseName, schemaName] = starParts(backup, parts, context.currentDatabase);
  const database = backup.holderOfName(0, 0, databaseName);
  if (database === undefined || database.kind !== 'database') {
    throw unresolved('invalidCatalogName', `unknown database "${databaseName}"`);
  }
  const schemaId = schemaName === undefined ? undefined : backup.schemaId(database.id, schemaName);
  if (schemaName !== undefined && schemaId === undefined) {
    throw unresolved('invalidSchemaName', `unknown schema "${schemaName}"`);
  }
  if (!isWhole(coverage, database.id)) {
    throw unresolved(
      'wrongObjectType',
      `cannot RESTORE ${database.name}.* from a backup of individual tables ` +
        '(use SHOW BACKUP to determine available tables)',
    );
  }
  return [...backup.entries()].filter(
    (entry) =>
      entry.kind === 'table' &&
      entry.databaseId === database.id &&
      (schemaId === undefined || entry.schemaId === schemaId) &&
      entry.state === 0 &&
      !isTemporary(entry),
  );
}

/** User-defined types of the tables' columns and expressions, and the enum of regions where one is named, with their array types. */
export function typesUsedBy(backup: CatalogSnapshot, tables: readonly DescriptorHeader[]) {
  const ids = new Set<number>();
  for (const { descriptor } of tables) {
    if (descriptor.union.case !== 'table') continue;
    for (const column of presentColumns(descriptor.union.value)) collectTypeIds(column.type, ids);
    for (const id of descriptor.union.value.dependsOnTypes) ids.add(id);
    for (const { text } of storedTexts(descriptor.union.value)) {
      for (const oid of referencedTypeOids(text)) ids.add(oid - USER_TYPE_OID_BASE);
    }
    if (homeRegion(descriptor.union.value) !== undefined) {
      const database = backup.entry(descriptor.union.value.parentId)?.descriptor.union;
      const regions = database?.case === 'database' ? database.value.regionConfig : undefined;
      if (regions !== undefined) ids.add(regions.regionEnumId);
    }
  }
  for (const id of [...ids]) {
    const type = backup.typeDescriptor(id);
    if (type?.arrayTypeId) ids.add(type.arrayTypeId);
    const element = type?.alias?.arrayContents?.oid ?? 0;
    if (element >= USER_TYPE_OID_BASE) ids.add(element - USER_TYPE_OID_BASE);
  }
  for (const id of [...ids]) {
    const arrayTypeId = backup.typeDescriptor(id)?.arrayTypeId;
    if (arrayTypeId) ids.add(arrayTypeId);
  }
  return [...ids]
    .flatMap((id) => backup.entry(id) ?? [])
    .filter((entry) => entry.kind === 'type')
    .sort(byId);
}

export function collectTypeIds(type: ColumnType | undefined, ids: Set<number>): void {
  if (type === undefined) return;
  if (type.oid >= USER_TYPE_OID_BASE) ids.add(type.oid - USER_TYPE_OID_BASE);
  collectTypeIds(type.arrayContents, ids);
  for (const field of type.tupleContents) collectTypeIds(field, ids);
}
