/**
 * Tells from what transactions have read and written whether they could have run one after the other. Every write appends a
 * value of its own to a list, so a read shows which writes came before it and in which order.
 */

export interface Append {
  readonly kind: 'append';
  readonly key: string;
  readonly value: string;
}

export interface Read {
  readonly kind: 'read';
  readonly key: string;
  readonly values: readonly string[];
}

export interface Committed {
  readonly name: string;
  /** In order, without what a savepoint took back. */
  readonly operations: readonly (Append | Read)[];
}

/** @returns what no serial order explains, empty: all is well. @param final each key's list at the end */
export function contradictions(
  transactions: readonly Committed[],
  final: ReadonlyMap<string, readonly string[]>,
): string[] {
  const problems: string[] = [];
  const writer = new Map<string, number>();
  transactions.forEach(({ operations }, id) => {
    for (const op of operations) if (op.kind === 'append') writer.set(op.value, id);
  });
  for (const [key, values] of final) {
    if (new Set(values).size !== values.length) problems.push(`doubled in ${key}: ${values}`);
    for (const value of values)
      if (!writer.has(value)) problems.push(`${key} has ${value}, which nobody committed`);
  }
  const kept = new Set([...final.values()].flat());
  for (const [value, id] of writer)
    if (!kept.has(value)) problems.push(`${transactions[id]?.name} lost ${value}`);
  if (problems.length > 0) return problems;
  const edges = dependencies(transactions, final, writer, problems);
  const cycle = findCycle(edges);
  if (cycle !== undefined) {
    const names = cycle.map(
      (id) => `${transactions[id]?.name}: ${JSON.stringify(transactions[id]?.operations)}`,
    );
    problems.push(`no serial order:\n${names.join('\n')}`);
  }
  return problems;
}

function dependencies(
  transactions: readonly Committed[],
  final: ReadonlyMap<string, readonly string[]>,
  writer: ReadonlyMap<string, number>,
  problems: string[],
): Set<number>[] {
  const edges = transactions.map(() => new Set<number>());
  const add = (from: number | undefined, to: number | undefined): void => {
    if (from !== undefined && to !== undefined && from !== to) edges[from]?.add(to);
  };
  for (const values of final.values())
    values.forEach((value, i) => {
      if (i > 0) add(writer.get(values[i - 1] ?? ''), writer.get(value));
    });
  transactions.forEach(({ name, operations }, id) => {
    for (const op of operations) {
      if (op.kind !== 'read') continue;
      const all = final.get(op.key) ?? [];
      const { values } = op;
      if (values.some((value, i) => value !== all[i])) {
        problems.push(`${name} read ${values} of ${op.key}, which is ${all}`);
        continue;
      }
      add(writer.get(values[values.length - 1] ?? ''), id);
      // The first that this one has not seen comes after it; its own come after what it read.
      const next = all.slice(values.length).find((value) => writer.get(value) !== id);
      if (next !== undefined) add(id, writer.get(next));
    }
  });
  return edges;
}

/** By depth, with three colours. */
function findCycle(edges: readonly ReadonlySet<number>[]): number[] | undefined {
  const state = new Uint8Array(edges.length);
  const path: number[] = [];
  const visit = (id: number): number[] | undefined => {
    state[id] = 1;
    path.push(id);
    for (const to of edges[id] ?? []) {
      if (state[to] === 1) return path.slice(path.indexOf(to));
      const found = state[to] === 0 ? visit(to) : undefined;
      if (found !== undefined) return found;
    }
    state[id] = 2;
    path.pop();
    return undefined;
  };
  for (let id = 0; id < edges.length; id++) {
    const found = state[id] === 0 ? visit(id) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
