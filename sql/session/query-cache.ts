import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { PreparedQuery } from './compile-query';
import { currentDatabase, type NameContext, ownTemporarySchema } from './name-resolution';
import { temporarySchemaOf } from './temporary-schemas';

/** Longer texts of writes are not worth the memory. */
export const CACHED_WRITE_LENGTH_MAX = 16_384;

/** What binding depends on beside the text, put together anew when some of it has changed. */
export class BindingKeys {
  private catalog: CatalogSnapshot | undefined;
  private settingsVersion = -1;
  private user = '';
  private key = '';
  private hasTemporary = false;

  /** The same string until something changes. */
  of(sql: string, names: NameContext): string {
    const { catalog, settings, user } = names;
    if (
      catalog !== this.catalog ||
      settings.version !== this.settingsVersion ||
      user !== this.user
    ) {
      this.catalog = catalog;
      this.settingsVersion = settings.version;
      this.user = user;
      const own = ownTemporarySchema(names);
      this.hasTemporary = own !== undefined;
      this.key = JSON.stringify([
        catalog.version,
        currentDatabase(names),
        user,
        settings.get('search_path'),
        settings.timeZone,
        settings.get('datestyle'),
        settings.get('intervalstyle'),
        own,
      ]);
    }
    // A name that could mean the session's own schema, which is yet to be made.
    if (this.hasTemporary || !/pg_temp/i.test(sql)) return this.key;
    return `${this.key}${temporarySchemaOf(settings)}`;
  }
}

/** Of a statement in a `QueryCache`. */
export function cacheKey(
  sql: string,
  bindingKey: string,
  parameterOids: readonly number[],
): string {
  return `${parameterOids.join()}${bindingKey}${sql}`;
}

/** Compiled queries by everything that binding depends on: a text seen before costs no parse, no bind. */
export class QueryCache<Query = PreparedQuery> {
  private readonly entries = new Map<string, Query>();
  private readonly entriesMax: number;

  constructor(entriesMax: number) {
    this.entriesMax = entriesMax;
  }

  get(key: string): Query | undefined {
    const found = this.entries.get(key);
    if (found === undefined) return undefined;
    this.entries.delete(key); // to the end: the first entry is the one used least recently
    this.entries.set(key, found);
    return found;
  }

  put(key: string, query: Query): void {
    this.entries.set(key, query);
    if (this.entries.size <= this.entriesMax) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
