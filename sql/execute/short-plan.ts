import type { Connection } from '../../storage/ranges/connection';
import type { CompiledQuery } from '../emit/compiled-query';

/**
 * Tells queries that are over after a handful of look-ups by unique key, whatever the tables hold. Only what is proven by the
 * plan counts: everything else may take long and belongs to a query thread.
 */

const TEXT_LENGTH_MAX = 4_000;
const SLOTS_MAX = 64;
const LOOKUPS_MAX = 8;

/** Functions of casts and arithmetic: their work is bounded by their arguments' sizes. No patterns, no repetition, no sleep. */
const QUICK_ROW = /^f_(?:(?:cast_to|adjust)_|(?:_(?:2b|2d|2a|2f|25|3c|3e|3d|21|7c))+_)/;

/** Functions that tables have for defaults. */
const QUICK_ROWS: ReadonlySet<string> = new Set([
  'f_unique_rowid',
  'f_gen_random_uuid',
  'f_uuid_v4',
  'f_now',
  'f_current_timestamp',
]);

/** What emitted text may call beside them. */
const QUICK_CALLS = new Set(
  'abs coalesce iif nullif ifnull count min max i_check i_count i_live random in and or not values when then else as on from where exists select cast'.split(
    ' ',
  ),
);

/** Steps of a plan that read no table. */
const QUICK_STEP =
  /^(?:SCAN CONSTANT ROW|(?:CORRELATED )?SCALAR SUBQUERY \d+|USE TEMP B-TREE FOR .*)$/;

const SEARCH =
  /^SEARCH (s\d+) USING (?:(INTEGER PRIMARY KEY|PRIMARY KEY)|(?:COVERING )?INDEX (\w+)) \((.*)\)(?: LEFT-JOIN)?$/;

function callsAreQuick({ sql, functions }: CompiledQuery): boolean {
  const quick = new Set<string>();
  for (const use of functions) {
    if (!QUICK_ROW.test(use.rowId) && !QUICK_ROWS.has(use.rowId)) return false;
    quick.add(use.sqliteName);
  }
  for (const [, name = ''] of sql.matchAll(/([A-Za-z_][A-Za-z_0-9]*) ?\(/g))
    if (!quick.has(name) && !QUICK_CALLS.has(name.toLowerCase())) return false;
  return true;
}

/** Two lists multiply. */
const listCount = (sql: string): number => sql.split(' IN (').length - 1;

/** @param db a connection that knows the query's functions. @throws what preparing the query does */
export function isShortQuery(db: Connection, query: CompiledQuery): boolean {
  const { sql, slots, writes } = query;
  if (writes || sql.length > TEXT_LENGTH_MAX || slots.length > SLOTS_MAX) return false;
  if (listCount(sql) > 1 || !callsAreQuick(query)) return false;
  const names = [...sql.matchAll(/:([pvex]\d+)\b/g)].map(([, name = '']) => name);
  const unknown = Object.fromEntries(names.map((name) => [name, null]));
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).raw(true);
  const steps = plan.all(unknown) as unknown[][];
  if (steps.length > LOOKUPS_MAX) return false;
  const tables = new Map<string, string>();
  for (const [, table = '', alias = ''] of sql.matchAll(/"(t\d+)" AS (s\d+)/g))
    tables.set(alias, table);
  return steps.every((step) => isQuickStep(db, String(step[3]), tables, sql));
}

function isQuickStep(
  db: Connection,
  step: string,
  tables: ReadonlyMap<string, string>,
  sql: string,
): boolean {
  if (QUICK_STEP.test(step)) return true;
  const found = SEARCH.exec(step);
  if (found === null) return false;
  const [, alias = '', primary, index, terms = ''] = found;
  const columns = terms.split(' AND ');
  if (!columns.every((term) => term.endsWith('=?') && !/[<>]/.test(term))) return false;
  if (primary === 'INTEGER PRIMARY KEY') return true;
  const table = tables.get(alias);
  if (table === undefined) return false;
  if (primary === undefined && /\bIS\b/.test(sql)) return false; // many rows may have NULL in a unique key
  return columns.length === uniqueKeyLength(db, table, index);
}

/** Columns of a unique index, the primary key when none is named; undefined when it is not unique. */
function uniqueKeyLength(
  db: Connection,
  table: string,
  index: string | undefined,
): number | undefined {
  const indexes = db.prepare('SELECT name, "unique", origin FROM pragma_index_list(?)').all(table);
  for (const each of indexes as { name: string; unique: bigint; origin: string }[]) {
    const named = index === undefined ? each.origin === 'pk' : each.name === index;
    if (!named || each.unique !== 1n) continue;
    const count = db.prepare('SELECT count(*) FROM pragma_index_info(?)').pluck().get(each.name);
    return Number(count);
  }
  return undefined;
}
