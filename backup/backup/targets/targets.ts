import { notSupported, SqlError } from '../../../base/errors';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID } from '../../../catalog/constants';
import { DescriptorState } from '../../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot, DescriptorHeader } from '../../../catalog/snapshot';
import { isTemporary } from '../../../catalog/temporary';
import type { RestoreContext, RestoreTargets, TablePattern } from '../../restore/request';
import { resolveTargets, starParts, typesUsedBy } from '../../restore/targets';
import {
  isNamedSystemTable,
  namedSystemDescriptors,
  type SystemContents,
  systemDescriptors,
} from './system-source';

/**
 * What a BACKUP is of. Names are resolved when the statement is run; what a database holds is looked up in the snapshot that is
 * backed up.
 */
export type BackupScope =
  | { readonly kind: 'cluster' }
  | {
      readonly kind: 'objects';
      /** Ids of databases with all that is in them. */
      readonly databases: readonly number[];
      /** Ids of tables, views and sequences that were named. */
      readonly tables: readonly number[];
      /** Names of tables of the system database; none: absent. */
      readonly system?: readonly string[];
    };

/** The descriptors of a BACKUP, by id. */
export interface BackupContents {
  readonly descriptors: readonly DescriptorHeader[];
  /** Those of them that are tables, views and sequences. */
  readonly tables: readonly DescriptorHeader[];
  readonly completeDbs: readonly number[];
  /** Those of the system database, which are the same at all times. */
  readonly system: readonly DescriptorHeader[];
  readonly isCluster: boolean;
}

const WHOLE = { formatVersion: 0, completeDbs: [] };

/**
 * @param isSystemTable whether the system database has a table of that name
 * @throws SqlError with CockroachDB's texts; featureNotSupported (0A000) for system tables whose rows are not kept as CockroachDB has them
 */
export function resolveScope(
  catalog: CatalogSnapshot,
  targets: RestoreTargets,
  context: RestoreContext,
  isSystemTable: (name: string) => boolean,
): BackupScope {
  if (targets.kind === 'cluster') return { kind: 'cluster' };
  const { system, others } = withoutSystem(catalog, targets, context, isSystemTable);
  const ofSystem = system.length === 0 ? {} : { system };
  if (others === undefined) return { kind: 'objects', databases: [], tables: [], ...ofSystem };
  try {
    if (others.kind === 'tables') {
      return { kind: 'objects', ...splitPatterns(catalog, others, context), ...ofSystem };
    }
    const { databases } = resolveTargets(catalog, others, WHOLE, context);
    return { kind: 'objects', databases: ids(databases), tables: [] };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const reason = error.message.replace(
      /^failed to resolve targets in the BACKUP location.*?: /,
      '',
    );
    throw error.withMessage(`failed to resolve targets specified in the BACKUP stmt: ${reason}`);
  }
}

const SYSTEM = 'system';

/** The catalog has no descriptors of tables of the system database: backups have them made. */
function withoutSystem(
  catalog: CatalogSnapshot,
  targets: Exclude<RestoreTargets, { kind: 'cluster' }>,
  context: RestoreContext,
  isSystemTable: (name: string) => boolean,
): { readonly system: readonly string[]; readonly others: typeof targets | undefined } {
  if (targets.kind === 'databases') {
    if (targets.names.includes(SYSTEM)) throw wholeSystem();
    return { system: [], others: targets };
  }
  const system = new Set<string>();
  const current = catalog.database(context.currentDatabase);
  const hasSchema = current !== undefined && catalog.schemaId(current.id, SYSTEM) !== undefined;
  const others = targets.patterns.filter((pattern) => {
    // A schema of the current database comes before a database of its name.
    const { parts, star } = pattern;
    if (hasSchema && parts[0] === SYSTEM && parts.length === (star ? 1 : 2)) return true;
    const name = systemTableName(pattern, context);
    if (name === undefined || !isSystemTable(name)) return true;
    if (!isNamedSystemTable(name)) {
      throw notSupported(
        `BACKUP of system.${name}`,
        'Its rows are not kept as CockroachDB has them, or not at all.',
      );
    }
    system.add(name);
    return false;
  });
  return {
    system: [...system].sort(),
    others: others.length === 0 ? undefined : { ...targets, patterns: others },
  };
}

/**
 * What a pattern's name would be in the system database.
 * @throws SqlError featureNotSupported (0A000) for all tables of it
 */
export function systemTableName(
  { parts, star }: TablePattern,
  { currentDatabase, searchPath }: Omit<RestoreContext, 'user'>,
): string | undefined {
  const [first, second] = parts;
  if (star) {
    const isSchema = currentDatabase === SYSTEM && (first === undefined || first === 'public');
    if (isSchema || first === SYSTEM) throw wholeSystem();
    return undefined;
  }
  if (parts.length === 3) return first === SYSTEM && second === 'public' ? parts[2] : undefined;
  if (parts.length === 2) {
    const isIn = first === SYSTEM || (currentDatabase === SYSTEM && first === 'public');
    return isIn ? second : undefined;
  }
  return currentDatabase === SYSTEM && searchPath.includes('public') ? first : undefined;
}

const wholeSystem = (): SqlError =>
  notSupported(
    'BACKUP of the whole system database',
    'BACKUP without targets takes what is restored of it with the whole cluster, and its tables can be named.',
  );

const ids = (entries: readonly DescriptorHeader[]): number[] => entries.map(({ id }) => id);

/** `db.*` is a whole database, be it empty; `db.schema.*` are the tables that the schema has now. */
function splitPatterns(
  catalog: CatalogSnapshot,
  { patterns }: Extract<RestoreTargets, { kind: 'tables' }>,
  context: RestoreContext,
) {
  const databases = new Set<number>();
  const others: TablePattern[] = [];
  for (const pattern of patterns) {
    const [name, schema] = pattern.star
      ? starParts(catalog, pattern.parts, context.currentDatabase)
      : [undefined];
    const isWhole = name !== undefined && schema === undefined;
    const database = isWhole ? catalog.database(name) : undefined;
    if (database === undefined) others.push(pattern);
    else databases.add(database.id);
  }
  if (others.length === 0) return { databases: [...databases], tables: [] };
  const named = { kind: 'tables', patterns: others } as const;
  const { tables } = resolveTargets(catalog, named, WHOLE, context);
  const rest = tables.filter(({ databaseId }) => !databases.has(databaseId));
  return { databases: [...databases], tables: ids(rest) };
}

const isPublic = ({ state }: DescriptorHeader): boolean => state === DescriptorState.PUBLIC;

/** @throws SqlError undefinedObject (42704) for what is no longer there */
export function contentsOf(
  catalog: CatalogSnapshot,
  scope: BackupScope,
  system: SystemContents = { roleSettings: false },
): BackupContents {
  const found = new Map<number, DescriptorHeader>();
  const databases =
    scope.kind === 'cluster'
      ? [...catalog.entries()].filter(
          (entry) =>
            entry.kind === 'database' && isPublic(entry) && entry.id !== SYSTEM_DATABASE_ID,
        )
      : scope.databases.map((id) => presentEntry(catalog, id));
  for (const database of databases) found.set(database.id, database);
  refuseRegions(catalog, scope);
  const systemEntries =
    scope.kind === 'cluster'
      ? systemDescriptors(system)
      : namedSystemDescriptors(scope.system ?? []);
  for (const entry of systemEntries) found.set(entry.id, entry);
  for (const entry of catalog.entries()) {
    const inside = databases.some(({ id }) => id === entry.databaseId);
    if (inside && isPublic(entry) && !isTemporary(entry)) found.set(entry.id, entry);
  }
  const named = scope.kind === 'cluster' ? [] : scope.tables.map((id) => presentEntry(catalog, id));
  for (const entry of [...named, ...typesUsedBy(catalog, named)]) {
    found.set(entry.id, entry);
    for (const parent of [entry.databaseId, entry.schemaId]) {
      if (parent !== PUBLIC_SCHEMA_ID && !found.has(parent)) {
        found.set(parent, presentEntry(catalog, parent));
      }
    }
  }
  const descriptors = [...found.values()].sort((a, b) => a.id - b.id);
  return {
    descriptors,
    tables: descriptors.filter((entry) => entry.kind === 'table'),
    completeDbs: ids(databases).sort((a, b) => a - b),
    system: systemEntries,
    isCluster: scope.kind === 'cluster',
  };
}

export function hasRegions(entry: DescriptorHeader | undefined): boolean {
  const union = entry?.descriptor.union;
  return union?.case === 'database' && union.value.regionConfig !== undefined;
}

function refuseRegions(catalog: CatalogSnapshot, scope: BackupScope): void {
  if (scope.kind === 'cluster') return;
  for (const id of scope.tables) {
    const { databaseId } = presentEntry(catalog, id);
    if (!hasRegions(catalog.entry(databaseId))) continue;
    throw new SqlError(
      'featureNotSupported',
      `cannot backup individual table ${id} from multi-region database ${databaseId}`,
    );
  }
}

function presentEntry(catalog: CatalogSnapshot, id: number): DescriptorHeader {
  const entry = catalog.entry(id);
  if (entry !== undefined && isPublic(entry)) return entry;
  throw new SqlError('undefinedObject', `object ${id} was dropped before it could be backed up`);
}
