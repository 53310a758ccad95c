/** Ids of the columns of each relation that a bound query names, its own and those of the relations under its views. */
export function usedColumns(bound: unknown): ReadonlyMap<number, ReadonlySet<number>> {
  const used = new Map<number, Set<number>>();
  const seen = new Set<object>();
  const queue: unknown[] = [bound];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at];
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const { kind, tableId, columnId } = node as {
      readonly kind?: unknown;
      readonly tableId?: unknown;
      readonly columnId?: unknown;
    };
    if (kind === 'column' && typeof tableId === 'number' && typeof columnId === 'number') {
      const columns = used.get(tableId) ?? new Set();
      used.set(tableId, columns.add(columnId));
    }
    if (node instanceof Map || node instanceof Set) queue.push(...node.values());
    else if (!ArrayBuffer.isView(node)) queue.push(...Object.values(node));
  }
  return used;
}
