import { invariant } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import type {
  AggregateExpr,
  CallExpr,
  ConstExpr,
  Expr,
  FrameBound,
  OrderItem,
  Query,
  SubqueryExpr,
  WindowExpr,
  WindowSpec,
} from '../bind/expr';
import { outputName } from '../bind/expr';
import { isNullConst } from '../bind/untyped';
import { equatableRow } from '../builtins/comparisons';
import { collationOf, isKeyed } from '../builtins/type-rules';
import type { Emitter } from './emitter';

/** Typed expressions to SQLite's. */

export interface QueryEmitter {
  readonly emitter: Emitter;
  emitQuery(query: Query): string;
  /** Loops look for a cancel. */
  readonly checked?: boolean;
}

export function emitExpr(context: QueryEmitter, expr: Expr): string {
  const { emitter } = context;
  switch (expr.kind) {
    case 'const':
      return emitConstant(context, expr);
    case 'column':
      return `${expr.source.alias}.${expr.column}`;
    case 'param':
      return emitter.client(expr.index);
    case 'context':
      return emitter.context(expr.name);
    case 'row':
      return `(${expr.items.map((item) => emitExpr(context, item)).join(', ')})`;
    case 'call':
      return overflows(expr) ? `i_check(${emitCall(context, expr)})` : emitCall(context, expr);
    case 'aggregate':
      return emitAggregate(context, expr);
    case 'window':
      return emitWindowCall(context, expr);
    case 'subquery':
      return emitSubquery(context, expr);
  }
}

function emitConstant(context: QueryEmitter, expr: ConstExpr): string {
  return liftedText(context, expr) ?? context.emitter.constant(expr.value);
}

/** A parameter in place of a constant whose value nobody has looked at. */
function liftedText({ emitter }: QueryEmitter, { lifted }: ConstExpr): string | undefined {
  if (lifted === undefined || lifted.literal.slots.isPinned(lifted.literal)) return undefined;
  return emitter.client(lifted.parameter);
}

/** Its value decides what the SQL is. */
function readConstant(expr: Expr | undefined): void {
  if (expr?.kind === 'const') expr.lifted?.literal.slots.read(expr.lifted.literal);
}

function overflows(expr: Expr): boolean {
  return expr.kind === 'call' && expr.fn.body.kind === 'sql' && expr.fn.body.overflows === true;
}

/**
 * A call. SQLite turns an integer overflow into a REAL, which stays one through further arithmetic: only the outermost
 * operator of a chain needs the check, unless a NULL beside it may make the REAL disappear.
 */
function emitCall(context: QueryEmitter, expr: CallExpr): string {
  const { fn } = expr;
  const chained = overflows(expr);
  if (fn.body.kind === 'udf' && fn.body.plain !== undefined) readConstant(expr.args.at(-1));
  const args = expr.args.map((arg) =>
    chained && arg.kind === 'call' && overflows(arg) && besideConstants(expr, arg)
      ? emitCall(context, arg)
      : emitExpr(context, arg),
  );
  for (const name of fn.context) args.push(context.emitter.context(name));
  if (fn.body.kind === 'sql') return fn.body.render(args);
  const plain = fn.body.kind === 'udf' ? fn.body.plain?.(args) : undefined;
  if (plain !== undefined) return plain;
  const types = expr.args.map((arg) => arg.type);
  return `${context.emitter.use(fn, types, expr.type)}(${args.join(', ')})`;
}

const besideConstants = (expr: CallExpr, arg: Expr): boolean =>
  expr.args.every((other) => other === arg || (other.kind === 'const' && !isNullConst(other)));

function emitAggregate(context: QueryEmitter, expr: AggregateExpr): string {
  const { implementation } = expr.fn;
  const args = expr.args.map((arg) => emitExpr(context, arg));
  const filter =
    expr.filter === undefined ? '' : ` FILTER (WHERE ${emitExpr(context, expr.filter)})`;
  const orderBy = expr.orderBy.length === 0 ? '' : ` ${emitOrderBy(context, expr.orderBy)}`;
  const distinct = expr.distinct ? 'DISTINCT ' : '';
  if (implementation.kind === 'sql')
    return implementation.render(args, { distinct, orderBy, filter });
  const types = expr.args.map((arg) => arg.type);
  const variant = expr.distinct ? 'distinct' : undefined;
  const name = context.emitter.use(expr.fn, types, expr.type, variant);
  return `${name}(${args.join(', ')}${orderBy})${filter}`;
}

function emitWindowCall(context: QueryEmitter, expr: WindowExpr): string {
  const { implementation } = expr.fn;
  const args = expr.args.map((arg) => emitExpr(context, arg));
  const filter =
    expr.filter === undefined ? '' : ` FILTER (WHERE ${emitExpr(context, expr.filter)})`;
  const over = `${filter} OVER (${emitWindow(context, expr.window)})`;
  if (implementation.kind === 'sql')
    return implementation.render(args, { distinct: '', orderBy: '', filter: over });
  const types = expr.args.map((arg) => arg.type);
  const variant = slides(expr.window) ? 'sliding' : 'growing';
  return `${context.emitter.use(expr.fn, types, expr.type, variant)}(${args.join(', ')})${over}`;
}

/** Rows leave such a window; with EXCLUDE SQLite starts anew for each row. */
function slides({ frame }: WindowSpec): boolean {
  return frame !== undefined && frame.start.kind !== 'UNBOUNDED PRECEDING';
}

function emitWindow(context: QueryEmitter, { partitionBy, orderBy, frame }: WindowSpec): string {
  const parts: string[] = [];
  if (partitionBy.length > 0)
    parts.push(`PARTITION BY ${partitionBy.map((key) => emitKey(context, key)).join(', ')}`);
  if (orderBy.length > 0) parts.push(emitOrderBy(context, orderBy));
  if (frame !== undefined) {
    const start = emitBound(context, frame.start);
    const end = emitBound(context, frame.end);
    const exclude = frame.exclude === undefined ? '' : ` EXCLUDE ${frame.exclude}`;
    parts.push(`${frame.mode} BETWEEN ${start} AND ${end}${exclude}`);
  }
  return parts.join(' ');
}

function emitBound(context: QueryEmitter, bound: FrameBound): string {
  return 'offset' in bound ? `${emitExpr(context, bound.offset)} ${bound.kind}` : bound.kind;
}

export function emitOrderBy(context: QueryEmitter, items: readonly OrderItem[]): string {
  return `ORDER BY ${items.map((item) => emitOrderItem(context, item)).join(', ')}`;
}

export function emitOrderItem(context: QueryEmitter, item: OrderItem, text?: string): string {
  const nulls =
    item.nullsFirst === undefined ? '' : item.nullsFirst ? ' NULLS FIRST' : ' NULLS LAST';
  return `${text ?? emitKey(context, item.expr)}${item.descending ? ' DESC' : ''}${nulls}`;
}

/** In ORDER BY and GROUP BY an integer literal would be the number of a column. */
export function emitKey(context: QueryEmitter, expr: Expr): string {
  if (expr.kind === 'const' && !isNullConst(expr)) {
    return liftedText(context, expr) ?? context.emitter.parameter(expr.value);
  }
  return emitExpr(context, expr);
}

/** SQLite takes the first of several rows; CockroachDB refuses them. */
function emitSubquery(context: QueryEmitter, expr: SubqueryExpr): string {
  const text = context.emitQuery(expr.query);
  if (expr.form === 'exists') return `EXISTS (${text})`;
  if (expr.form === 'in') {
    invariant(expr.left !== undefined, 'IN has a left side');
    return `(${emitExpr(context, expr.left)} IN (${keyedRows(context, expr.query, text)}))`;
  }
  if (expr.form === 'any' || expr.form === 'all') return emitQuantified(context, expr, text);
  if (givesOneRowAtMost(expr.query)) return `(${text})`;
  const column = outputName(0);
  return `(SELECT CASE WHEN count(*) > 1 THEN e_too_many_rows() ELSE max(${column}) END FROM (SELECT ${column} FROM (${text}) LIMIT 2))`;
}

/** The answer is known when a row decides it; else it is NULL when a row's own is. */
function emitQuantified(context: QueryEmitter, expr: SubqueryExpr, query: string): string {
  invariant(expr.test !== undefined && expr.source !== undefined, 'ANY and ALL test rows');
  const rows = `SELECT ${emitExpr(context, expr.test)} AS c FROM (${query}) AS ${expr.source.alias}`;
  const [decided, answer] = expr.form === 'any' ? ['max(c) = 1', 1] : ['min(c) = 0', 0];
  const otherwise = `WHEN count(*) > count(c) THEN NULL ELSE ${1 - answer} END`;
  return `(SELECT CASE WHEN ${decided} THEN ${answer} ${otherwise} FROM (${rows}))`;
}

/** What the left side of IN, which is a key where the type has one, is looked for in. */
function keyedRows(context: QueryEmitter, query: Query, text: string): string {
  if (query.outputs.every(({ type }) => !isKeyed(type))) return text;
  const keys = query.outputs.map((output, i) => keyText(context, outputName(i), output.type));
  return `SELECT ${keys.join(', ')} FROM (${text})`;
}

/** The key of a value that is given as text; the text itself for types without one. */
export function keyText(context: QueryEmitter, text: string, type: SqlType): string {
  const row = isKeyed(type) ? equatableRow(type) : undefined;
  if (row === undefined) return collated(text, { type });
  return `${context.emitter.use(row, [type], type)}(${text})`;
}

function givesOneRowAtMost(query: Query): boolean {
  const { limit } = query;
  if (limit?.kind === 'const' && (limit.value === 1n || limit.value === 0n)) return true;
  if (query.kind === 'values') return query.rows.length === 1;
  if (query.kind !== 'select') return false;
  return query.from.length === 0 || (query.grouped && query.groupBy.length === 0);
}

/** With the collation that makes SQLite tell equal values of the type; for DISTINCT and set operations. */
export function collated(text: string, expr: { readonly type: Expr['type'] }): string {
  const collation = collationOf(expr.type);
  return collation === '' ? text : `${text} COLLATE ${collation}`;
}
