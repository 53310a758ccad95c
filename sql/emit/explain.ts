import type { FromItem, JoinFrom, OrderItem, Query, SelectQuery, Source } from '../bind/expr';
import { stripComparable } from '../bind/grouping';

/** A bound query as the tree that EXPLAIN prints, in CockroachDB's style; how tables are read is SQLite's own plan. */

export interface PlanNode {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly inputs: readonly PlanNode[];
}

/** A table as its user knows it. */
export interface PlanTable {
  readonly name: string;
  readonly primaryIndex: string;
  /** By SQLite name; `rowid` is a primary key of one integer. */
  readonly columns: ReadonlyMap<string, string>;
  readonly indexes: ReadonlyMap<string, string>;
}

export interface PlanNames {
  /** By the SQLite name of the table. */
  readonly tables: ReadonlyMap<string, PlanTable>;
  /** Lines of SQLite's EXPLAIN QUERY PLAN. */
  readonly access: readonly string[];
}

/** A tree of the plan as text. */
export function planLines(node: PlanNode): string[] {
  const lines: string[] = [];
  render(node, '', '', lines);
  return lines;
}

function render(node: PlanNode, first: string, rest: string, lines: string[]): void {
  lines.push(`${first}• ${node.name}`);
  const { attributes, inputs } = node;
  const bar = inputs.length > 0 ? '│ ' : '  ';
  for (const attribute of attributes) lines.push(`${rest}${bar}${attribute}`);
  for (const [i, input] of inputs.entries()) {
    const last = i === inputs.length - 1;
    lines.push(`${rest}│`);
    render(input, `${rest}${last ? '└── ' : '├── '}`, `${rest}${last ? '    ' : '│   '}`, lines);
  }
}

const over = (name: string, input: PlanNode, ...attributes: string[]): PlanNode => ({
  name,
  attributes,
  inputs: [input],
});

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export const valuesNode = (columns: number, rows: number): PlanNode => ({
  name: 'values',
  attributes: [`size: ${plural(columns, 'column')}, ${plural(rows, 'row')}`],
  inputs: [],
});

export function queryNode(query: Query, names: PlanNames): PlanNode {
  const node = limited(query, sorted(query, bareNode(query, names)));
  if (query.ctes.length === 0) return node;
  const inputs = query.ctes.map((cte) =>
    over(
      cte.recursive ? 'recursive cte' : 'subquery',
      queryNode(cte.query, names),
      `id: ${cte.name}`,
    ),
  );
  return { name: 'root', attributes: [], inputs: [node, ...inputs] };
}

function bareNode(query: Query, names: PlanNames): PlanNode {
  switch (query.kind) {
    case 'values':
      return valuesNode(query.outputs.length, query.rows.length);
    case 'set': {
      const inputs = [queryNode(query.left, names), queryNode(query.right, names)];
      return { name: `${query.op}${query.all ? ' all' : ''}`, attributes: [], inputs };
    }
    case 'select':
      return selectNode(query, names);
  }
}

function sorted(query: Query, input: PlanNode): PlanNode {
  if (query.orderBy.length === 0) return input;
  return over('sort', input, `order: ${query.orderBy.map(orderText).join(',')}`);
}

function orderText(item: OrderItem): string {
  const expr = stripComparable(item.expr);
  const name = expr.kind === 'column' ? expr.name : 'expr';
  return `${item.descending ? '-' : '+'}${name}`;
}

function limited(query: Query, input: PlanNode): PlanNode {
  const attributes: string[] = [];
  if (query.limit?.kind === 'const') attributes.push(`count: ${query.limit.value}`);
  if (query.offset?.kind === 'const') attributes.push(`offset: ${query.offset.value}`);
  if (query.limit === undefined && query.offset === undefined) return input;
  return over('limit', input, ...attributes);
}

function selectNode(query: SelectQuery, names: PlanNames): PlanNode {
  if (query.from.length === 0 && query.where === undefined && !query.grouped)
    return valuesNode(query.exprs.length, 1);
  let node = query.from
    .map((item) => fromNode(item, names))
    .reduce<PlanNode | undefined>(
      (left, right) =>
        left === undefined ? right : { name: 'cross join', attributes: [], inputs: [left, right] },
      undefined,
    );
  node ??= valuesNode(0, 1);
  if (query.where !== undefined) node = over('filter', node);
  if (query.grouped) node = grouped(query, node);
  if (query.having !== undefined) node = over('filter', node);
  if (query.exprs.some((expr) => expr.kind === 'window')) node = over('window', node);
  else if (query.exprs.some((expr) => expr.kind !== 'column' && expr.kind !== 'aggregate'))
    node = over('render', node);
  if (query.distinct) {
    const columns = query.outputs.map((output) => output.name).join(', ');
    node = over('distinct', node, `distinct on: ${columns}`);
  }
  return query.distinctOn.length === 0 ? node : over('distinct', node);
}

function grouped(query: SelectQuery, input: PlanNode): PlanNode {
  if (query.groupBy.length === 0) return over('group (scalar)', input);
  const keys = query.groupBy.map(stripComparable);
  const columns = keys.map((key) => (key.kind === 'column' ? key.name : 'expr'));
  return over('group', input, `group by: ${columns.join(', ')}`);
}

function fromNode(item: FromItem, names: PlanNames): PlanNode {
  switch (item.kind) {
    case 'table':
      return scanNode(item.source, names.tables.get(item.sqliteName), names);
    case 'subquery':
      return queryNode(item.query, names);
    case 'named':
      return { name: 'scan buffer', attributes: [`label: ${item.name}`], inputs: [] };
    case 'function':
      return over('project set', { name: 'emptyrow', attributes: [], inputs: [] });
    case 'lateral':
      return over('apply', queryNode(item.query, names));
    case 'sequence':
      return { name: 'sequence select', attributes: [], inputs: [] };
    case 'join':
      return joinNode(item, names);
  }
}

const OUTER = { left: ' (left outer)', right: ' (right outer)', full: ' (full outer)' } as const;

function joinNode(item: JoinFrom, names: PlanNames): PlanNode {
  const inputs = [fromNode(item.left, names), fromNode(item.right, names)];
  if (item.join === 'cross') return { name: 'cross join', attributes: [], inputs };
  const outer = item.join === 'inner' ? '' : OUTER[item.join];
  return { name: `join${outer}`, attributes: [], inputs };
}

/** `SEARCH s1 USING INDEX t52_i2 (c2=? AND c3>?)` */
const ACCESS =
  /^(?:SCAN|SEARCH) (s\d+)(?: USING (?:(?:AUTOMATIC )?(?:COVERING )?(?:PARTIAL )?INDEX (\S+)|(?:INTEGER )?PRIMARY KEY))?(?: \((.*)\))?$/;

function scanNode(source: Source, table: PlanTable | undefined, names: PlanNames): PlanNode {
  const match = names.access.map((line) => ACCESS.exec(line)).find((m) => m?.[1] === source.alias);
  const index = table?.indexes.get(match?.[2] ?? '') ?? table?.primaryIndex ?? 'primary';
  const condition = match?.[3]?.replace(/\b(?:c\d+|rowid)\b/g, (c) => table?.columns.get(c) ?? c);
  const spans = condition === undefined ? 'FULL SCAN' : `[${condition}]`;
  return {
    name: 'scan',
    attributes: ['missing stats', `table: ${table?.name ?? '?'}@${index}`, `spans: ${spans}`],
    inputs: [],
  };
}
