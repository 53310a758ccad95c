import type { PreparedQuery } from './compile-query';
import { currentDatabase, type NameContext, temporaryNames } from './name-resolution';

/** Longer texts of writes are not worth the memory. */
export const CACHED_WRITE_LENGTH_MAX = 16_384;

/** What binding depends on. */
export function cacheKey(
  sql: string,
  names: NameContext,
  parameterOids: readonly number[],
): string {
  const { settings } = names;
  return JSON.stringify([
    sql,
    names.catalog.version,
    currentDatabase(names),
    names.user,
    settings.get('search_path'),
    settings.timeZone,
    settings.get('datestyle'),
    settings.get('intervalstyle'),
    temporaryNames(sql, names),
    parameterOids,
  ]);
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
