import type { FromItem, SelectQuery } from '../bind/expr';

/**
 * SQLite can't be interrupted from outside. A thread that only reads is given up when a cancel finds it deep in one step; one
 * that writes holds the write lock and its transaction until SQLite comes back. So conditions of queries that find rows to write
 * look at the cancel flag themselves, wherever SQLite could loop for long without calling anything of ours.
 *
 * Each table gets its own condition: SQLite tests it in the loop that the table's columns are known in. A call takes as long
 * as several rows of a join, so it is made for one row in 64.
 */

const SELDOM = 'random() & 63 OR ';

/** For the rows of one table, before what is asked of them. */
export const LIVE_ROW = `(${SELDOM}i_live())`;

/** @param where the condition as text: a subquery in it may take long for each row */
export function cancelChecks(query: SelectQuery, where: string): string[] {
  const items = query.from.flatMap(relations);
  const keys = items.flatMap((item) => keyOf(item) ?? []);
  const checks: string[] = [];
  if (items.length > 0 && where.includes('SELECT')) checks.push(`i_live(${keys.join(', ')})`);
  if (items.length > 1) checks.push(...keys.map((key) => `(${SELDOM}i_live(${key}))`));
  if (keys.length < items.length) checks.push(LIVE_ROW);
  return checks;
}

const relations = (item: FromItem): FromItem[] =>
  item.kind === 'join' ? [...relations(item.left), ...relations(item.right)] : [item];

function keyOf(item: FromItem): string | undefined {
  if (item.kind !== 'table') return undefined;
  const [first] = item.source.key ?? [];
  return first === undefined ? undefined : `${item.source.alias}.${first}`;
}
