import type { Expr, SelectQuery, Source } from '../bind/expr';

/**
 * SQLite likes to read groups in the order of an index, also when it then has to look up each row of the table by its key:
 * four times as slow as sorting. It takes no index for an expression, which `+column` is.
 */

/** Groups that had better be sorted. @param text what the query says, but for GROUP BY */
export function sortsGroups(query: SelectQuery, text: () => string): boolean {
  const [item, ...others] = query.from;
  if (item?.kind !== 'table' || others.length > 0) return false;
  const { source } = item;
  const keys = query.groupBy.flatMap((key) => columnOf(key, source) ?? []);
  if (stopsEarly(query, source, keys)) return false;
  const pk = source.key ?? [];
  if (keys.includes(pk[0] ?? '')) return false;
  const fitting = (source.indexes ?? []).filter(([first = '']) => keys.includes(first));
  if (fitting.length === 0) return false;
  const used = [...text().matchAll(new RegExp(`\\b${source.alias}\\.(\\w+)`, 'g'))];
  const needed = [...used.map(([, column = '']) => column), ...keys];
  return !fitting.some((index) =>
    needed.every((column) => index.includes(column) || pk.includes(column)),
  );
}

/** The first groups are asked for, in the order of their keys. */
function stopsEarly({ limit, orderBy }: SelectQuery, source: Source, keys: readonly string[]) {
  if (limit === undefined) return false;
  const [first] = orderBy;
  return first === undefined || keys.includes(columnOf(first.expr, source) ?? '');
}

const columnOf = (expr: Expr, source: Source): string | undefined =>
  expr.kind === 'column' && expr.source === source ? expr.column : undefined;
