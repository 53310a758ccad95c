import { SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { TableInfo } from '../../catalog/table-info';
import type { SessionSettings } from './settings';
import { ownSchemaNamed, temporarySchemaOf } from './temporary-schemas';

/** Names without a database or schema are looked up under the session's current database and search path. */
export interface NameContext {
  readonly catalog: CatalogSnapshot;
  readonly settings: SessionSettings;
  readonly user: string;
}

export const currentDatabase = (context: Pick<NameContext, 'settings'>): string =>
  context.settings.get('database');

/** What names without a database or schema are read by where no catalog is at hand: in BACKUP and RESTORE. */
export const nameDefaults = ({ settings, user }: Omit<NameContext, 'catalog'>) => ({
  user,
  currentDatabase: currentDatabase({ settings }),
  searchPath: settings.searchPath(user),
});

/** Schemas of the search path that exist in the current database, in order. */
export function existingSchemas(context: NameContext): string[] {
  const database = context.catalog.database(currentDatabase(context));
  if (database === undefined) return [];
  return context.settings
    .searchPath(context.user)
    .filter((schema) => context.catalog.schemaId(database.id, schema) !== undefined);
}

/** `existingSchemas`, looked up anew when the catalog or a setting that it depends on has changed. */
export class KnownSchemas {
  private catalog: CatalogSnapshot | undefined;
  private key = '';
  private schemas: readonly string[] = [];

  of(context: NameContext): readonly string[] {
    const { catalog, settings } = context;
    const key = `${currentDatabase(context)}\n${settings.get('search_path')}`;
    if (catalog !== this.catalog || key !== this.key) {
      this.schemas = existingSchemas(context);
      this.catalog = catalog;
      this.key = key;
    }
    return this.schemas;
  }
}

/** The session's schema of temporary objects in its database, when it is there. */
export function ownTemporarySchema(context: Omit<NameContext, 'user'>): string | undefined {
  const { catalog, settings } = context;
  const database = catalog.database(currentDatabase(context));
  const own = temporarySchemaOf(settings);
  return database !== undefined && catalog.schemaId(database.id, own) !== undefined
    ? own
    : undefined;
}

export function unknownRelation(parts: readonly string[]): SqlError {
  return new SqlError('undefinedTable', `relation "${parts.join('.')}" does not exist`);
}

/**
 * A table, view or sequence by one to three name parts. Two parts are schema.table of the current database first, then
 * database.table with the schema `public`, as CockroachDB reads them.
 */
export function resolveRelation(
  parts: readonly string[],
  context: NameContext,
  current: string = currentDatabase(context),
): TableInfo | undefined {
  const { catalog, settings } = context;
  const find = (database: string, schema: string, name: string): TableInfo | undefined => {
    const databaseId = catalog.database(database)?.id;
    if (databaseId === undefined) return undefined;
    const schemaId = catalog.schemaId(databaseId, ownSchemaNamed(schema, settings));
    return schemaId === undefined ? undefined : catalog.table(databaseId, schemaId, name);
  };
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 3) return find(first, second, third);
  if (parts.length === 2) return find(current, first, second) ?? find(first, 'public', second);
  if (parts.length !== 1) return undefined;
  const path = settings.searchPath(context.user);
  // What is temporary covers what is not, unless the path says where it comes.
  for (const schema of path.includes('pg_temp') ? path : ['pg_temp', ...path]) {
    const found = find(current, schema, first);
    if (found !== undefined) return found;
  }
  return undefined;
}
