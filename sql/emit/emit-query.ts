import { notSupported } from '../../base/errors';
import type { BoundQuery } from '../bind/bind-select';
import type {
  CteDefinition,
  Expr,
  FromItem,
  Query,
  SelectQuery,
  SetQuery,
  ValuesQuery,
} from '../bind/expr';
import { outputName } from '../bind/expr';
import { sameExpr, stripComparable } from '../bind/grouping';
import { exprIsVolatile, isVolatile } from '../bind/volatile';
import { lateralValue } from '../builtins/lateral';
import { withoutPrefixRanges } from '../builtins/like-prefix';
import { isKeyed } from '../builtins/type-rules';
import { cancelChecks, LIVE_ROW } from './cancel-checks';
import type { CompiledQuery, ParameterSlot } from './compiled-query';
import {
  collated,
  emitExpr,
  emitKey,
  emitOrderBy,
  emitOrderItem,
  keyText,
  type QueryEmitter,
} from './emit-expr';
import { Emitter } from './emitter';
import { sortsGroups } from './group-keys';

/** Typed queries to SQLite's SELECT. Outputs are called o1, o2 …; sources s1, s2 … */

/** @param checked it runs where a thread can't be given up: see cancel-checks.ts */
export function emitBoundQuery(bound: BoundQuery, checked = false): CompiledQuery {
  const emitter = new Emitter();
  const context: QueryEmitter = {
    emitter,
    emitQuery: (query) => emitQuery(context, query),
    checked,
  };
  const text = emitQuery(context, bound.query);
  const { slots } = emitter;
  return {
    ...sqlForPatterns(text, slots),
    slots,
    functions: emitter.functions(),
    columns: bound.columns,
    parameterTypes: bound.parameterTypes,
    writes: bound.writes,
  };
}

/**
 * What follows FROM of the rows that a query finds, for statements of SQLite's own that change or copy them. Undefined when it looks at
 * more than one row at a time, which must not see what is gone already, or finds other rows each time.
 */
export function emitFound(query: Query | undefined): CompiledQuery | undefined {
  if (query?.kind !== 'select' || query.from.length !== 1 || query.ctes.length > 0)
    return undefined;
  const [item] = query.from;
  if (item?.kind !== 'table' || query.limit !== undefined || query.orderBy.length > 0)
    return undefined;
  const emitter = new Emitter();
  const context: QueryEmitter = { emitter, emitQuery: (inner) => emitQuery(context, inner) };
  const { where } = query;
  if (where !== undefined && exprIsVolatile(where)) return undefined;
  const test = where === undefined ? '' : ` WHERE ${LIVE_ROW} AND ${emitExpr(context, where)}`;
  if (/\bSELECT\b/i.test(test)) return undefined;
  const { slots } = emitter;
  const { sql } = sqlForPatterns(`"${item.sqliteName}" AS ${item.source.alias}${test}`, slots);
  const about = { columns: [], parameterTypes: [], writes: false };
  return { sql, slots, functions: emitter.functions(), ...about };
}

/** Patterns of LIKE that come as parameters: with and without the range of texts that they allow. */
function sqlForPatterns(
  text: string,
  slots: readonly ParameterSlot[],
): Pick<CompiledQuery, 'sql' | 'prefixed'> {
  const plain = withoutPrefixRanges(text);
  if (plain === undefined) return { sql: text };
  const patterns = plain.slots.map((at) => {
    const slot = slots[at - 1];
    return slot?.kind === 'param' ? slot.index : 0;
  });
  return { sql: plain.sql, prefixed: { sql: text, patterns } };
}

function emitQuery(context: QueryEmitter, query: Query): string {
  const ctes = emitCtes(context, query.ctes);
  switch (query.kind) {
    case 'select':
      return ctes + emitSelect(context, query);
    case 'values':
      return ctes + withTail(context, query, emitRows(context, query));
    case 'set':
      return ctes + withTail(context, query, emitArms(context, query));
  }
}

/** SQLite has no select list without columns. */
const NO_OUTPUT = 'o0';

const outputList = (query: Query): string =>
  query.outputs.map((_, i) => outputName(i)).join(', ') || NO_OUTPUT;

function emitCtes(context: QueryEmitter, ctes: readonly CteDefinition[]): string {
  if (ctes.length === 0) return '';
  const parts = ctes.map((cte) => {
    const materialized =
      !cte.recursive && (cte.materialized || isVolatile(cte.query)) ? 'MATERIALIZED ' : '';
    const body = context.emitter.define(cte.name, () =>
      cte.recursive && cte.query.kind === 'set'
        ? emitArms(context, cte.query, true)
        : emitQuery(context, cte.query),
    );
    return `${cte.name}(${outputList(cte.query)}) AS ${materialized}(${body})`;
  });
  const recursive = ctes.some((cte) => cte.recursive) ? 'RECURSIVE ' : '';
  return `WITH ${recursive}${parts.join(', ')} `;
}

function emitLimit(context: QueryEmitter, query: Query): string {
  const { limit, offset } = query;
  if (limit === undefined && offset === undefined) return '';
  const count = limit === undefined ? '-1' : `i_count(${emitExpr(context, limit)}, 'LIMIT')`;
  if (offset === undefined) return ` LIMIT ${count}`;
  return ` LIMIT ${count} OFFSET i_count(${emitExpr(context, offset)}, 'OFFSET')`;
}

function emitSelect(context: QueryEmitter, query: SelectQuery): string {
  if (query.distinctOn.length > 0) return emitDistinctOn(context, query);
  if (query.distinct && query.outputs.some(({ type }) => isKeyed(type)))
    return emitKeyedDistinct(context, query);
  const outputs = outputTexts(context, query);
  const head = `SELECT ${query.distinct ? 'DISTINCT ' : ''}${outputs.join(', ')}`;
  return `${head}${emitBody(context, query)}${emitSelectOrder(context, query)}${emitLimit(context, query)}`;
}

function outputTexts(context: QueryEmitter, query: SelectQuery): string[] {
  const outputs = query.exprs.map((expr, i) => {
    const plain = emitExpr(context, expr);
    // SQLite takes HAVING without GROUP BY, and aggregates in ORDER BY, only when an output has an aggregate.
    const whole = i === 0 && query.grouped && query.groupBy.length === 0;
    const needed = whole && (query.having !== undefined || query.orderBy.length > 0);
    const text = needed ? `iif(count(*) >= 0, ${plain}, NULL)` : plain;
    return `${query.distinct ? collated(text, expr) : text} AS ${outputName(i)}`;
  });
  if (outputs.length === 0) outputs.push(`${query.grouped ? 'count(*)' : 'NULL'} AS ${NO_OUTPUT}`);
  return outputs;
}

/** FROM to HAVING. */
function emitBody(context: QueryEmitter, query: SelectQuery): string {
  const where = emitWhere(context, query);
  const [scan, groups] = grouping(context, query, where);
  let text = '';
  if (query.from.length > 0)
    text += ` FROM ${query.from.map((item, i) => emitFrom(context, item, i > 0)).join(', ')}`;
  text += `${scan}${where}${groups}`;
  if (query.having !== undefined) text += ` HAVING ${emitExpr(context, query.having)}`;
  return text;
}

function emitWhere(context: QueryEmitter, query: SelectQuery): string {
  const condition = query.where === undefined ? '' : emitExpr(context, query.where);
  const checks = context.checked === true ? cancelChecks(query, condition) : [];
  const all = condition === '' ? checks : [...checks, `(${condition})`];
  if (checks.length === 0) return condition === '' ? '' : ` WHERE ${condition}`;
  return ` WHERE ${all.join(' AND ')}`;
}

/** From GROUP BY's side: SQLite is kept from reading the groups in an index's order where that is slow. */
function grouping(context: QueryEmitter, query: SelectQuery, where: string): [string, string] {
  if (query.groupBy.length === 0) return ['', ''];
  const keys = query.groupBy.map((key) => emitKey(context, key));
  const text = (): string => {
    const having = query.having === undefined ? [] : [query.having];
    const parts = [...query.exprs, ...having, ...query.orderBy.map(({ expr }) => expr)];
    return where + parts.map((expr) => emitExpr(context, expr)).join();
  };
  const sorted = sortsGroups(query, text);
  if (!sorted || where === '')
    return [sorted ? ' NOT INDEXED' : '', ` GROUP BY ${keys.join(', ')}`];
  // Conditions may need an index. An expression has none.
  const plus = keys.map((key, i) => (query.groupBy[i]?.kind === 'column' ? `+${key}` : key));
  return ['', ` GROUP BY ${plus.join(', ')}`];
}

/** A key that is an output is named by its number: it is computed once. */
function emitSelectOrder(context: QueryEmitter, query: SelectQuery): string {
  if (query.orderBy.length === 0) return '';
  const items = query.orderBy.map((item) => {
    const plain = stripComparable(item.expr);
    const at = query.exprs.findIndex((expr) => sameExpr(expr, plain));
    const byNumber = at >= 0 && !isKeyed(plain.type);
    return emitOrderItem(context, item, byNumber ? collated(String(at + 1), plain) : undefined);
  });
  return ` ORDER BY ${items.join(', ')}`;
}

/** The first row of each group, in the order that ORDER BY gives; then that order again. */
function emitDistinctOn(context: QueryEmitter, query: SelectQuery): string {
  const { orderBy, distinctOn } = query;
  const outputs = outputTexts(context, query);
  const keys = orderBy.map((item, i) => `${emitExpr(context, item.expr)} AS k${i + 1}`);
  const groups = distinctOn.map((expr, i) => `${emitExpr(context, expr)} AS d${i + 1}`);
  const rows = `SELECT ${[...outputs, ...keys, ...groups].join(', ')}${emitBody(context, query)}`;
  const partition = distinctOn.map((expr, i) => collated(`d${i + 1}`, expr)).join(', ');
  const order = orderBy.map((item, i) =>
    emitOrderItem(context, item, collated(`k${i + 1}`, item.expr)),
  );
  const sorted = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`;
  const rank = `row_number() OVER (PARTITION BY ${partition}${sorted}) AS n`;
  const ranked = `SELECT *, ${rank} FROM (${rows})`;
  return `SELECT ${outputList(query)} FROM (${ranked}) WHERE n = 1${sorted}${emitLimit(context, query)}`;
}

/** DISTINCT over values that compare by a key: one row of each group of equal keys. */
function emitKeyedDistinct(context: QueryEmitter, query: SelectQuery): string {
  const outputs = outputTexts(context, query);
  const keys = query.outputs.map(({ type }, i) => keyText(context, outputName(i), type));
  const rows = `SELECT ${outputs.join(', ')}${emitBody(context, query)}`;
  const order = query.orderBy.map((item) => {
    const plain = stripComparable(item.expr);
    const at = query.exprs.findIndex((expr) => sameExpr(expr, plain));
    return emitOrderItem(context, item, keyText(context, outputName(at), plain.type));
  });
  const sorted = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`;
  return `SELECT ${outputList(query)} FROM (${rows}) GROUP BY ${keys.join(', ')}${sorted}${emitLimit(context, query)}`;
}

const isFixed = (expr: Expr): boolean => expr.kind === 'const' || expr.kind === 'param';

function emitRows(context: QueryEmitter, query: ValuesQuery): string {
  const rows = query.rows.map(
    (row) => `(${row.map((item) => emitExpr(context, item)).join(', ')})`,
  );
  const outputs = query.outputs.map((_, i) => `column${i + 1} AS ${outputName(i)}`);
  const [first = [], ...others] = query.rows;
  // SQLite's VALUES have no names of columns when they look at a query around them.
  if (query.rows.some((row) => row.some((item) => !isFixed(item)))) {
    const named = first.map((item, i) => `${emitExpr(context, item)} AS ${outputName(i)}`);
    const head = `SELECT ${named.join(', ')}`;
    return others.length === 0 ? head : `${head} UNION ALL VALUES ${rows.slice(1).join(', ')}`;
  }
  return `SELECT ${outputs.join(', ')} FROM (VALUES ${rows.join(', ')})`;
}

const SET_OPERATORS = { union: 'UNION', intersect: 'INTERSECT', except: 'EXCEPT' } as const;

function emitArms(context: QueryEmitter, query: SetQuery, recursive = false): string {
  const keyed = query.outputs.some(({ type }) => isKeyed(type));
  if (query.op !== 'union' && (query.all || keyed)) return emitCounted(context, query, keyed);
  const operator = `${SET_OPERATORS[query.op]}${query.all || keyed ? ' ALL' : ''}`;
  const arm = (side: Query): string => {
    const plain = side.kind === 'select' && side.orderBy.length === 0 && side.ctes.length === 0;
    const bare = plain && side.limit === undefined && side.offset === undefined;
    const text = context.emitQuery(side);
    if (recursive && bare) return text;
    const columns = query.outputs.map(
      (output, i) => `${collated(outputName(i), output)} AS ${outputName(i)}`,
    );
    return `SELECT ${columns.join(', ') || NO_OUTPUT} FROM (${text})`;
  };
  const both = `${arm(query.left)} ${operator} ${arm(query.right)}`;
  if (query.all || !keyed) return both;
  const keys = query.outputs.map(({ type }, i) => keyText(context, outputName(i), type));
  return `SELECT ${outputList(query)} FROM (${both}) GROUP BY ${keys.join(', ')}`;
}

/**
 * SQLite has neither INTERSECT ALL nor EXCEPT ALL, and compares no keys: equal rows of each arm are numbered, and the
 * numbers compared as well. Without ALL only the first of them counts.
 */
function emitCounted(context: QueryEmitter, query: SetQuery, keyed: boolean): string {
  if (query.outputs.length === 0) throw notSupported('INTERSECT ALL and EXCEPT ALL of no columns');
  const numbered = (side: Query): string => {
    const keys = query.outputs.map(({ type }, i) => keyText(context, outputName(i), type));
    const named = query.outputs.map(({ type }, i) =>
      isKeyed(type) ? `${keys[i]} AS k${i + 1}` : `${keys[i]} AS ${outputName(i)}`,
    );
    const values = query.outputs.flatMap(({ type }, i) => (isKeyed(type) ? outputName(i) : []));
    const number = `row_number() OVER (PARTITION BY ${keys.join(', ')}) AS n`;
    return `SELECT ${[...named, ...(keyed ? values : []), number].join(', ')} FROM (${context.emitQuery(side)})`;
  };
  const left = numbered(query.left);
  const right = numbered(query.right);
  if (!keyed)
    return `SELECT ${outputList(query)} FROM (${left} ${SET_OPERATORS[query.op]} ${right})`;
  const tests = query.outputs.map(({ type }, i) => {
    const name = isKeyed(type) ? `k${i + 1}` : outputName(i);
    return `${collated(`a.${name}`, { type })} IS b.${name}`;
  });
  const rows = query.outputs.map((_, i) => `a.${outputName(i)} AS ${outputName(i)}`).join(', ');
  const on = [...tests, 'a.n = b.n'].join(' AND ');
  const join = query.op === 'intersect' ? 'JOIN' : 'LEFT JOIN';
  const conditions = query.op === 'intersect' ? [] : ['b.n IS NULL'];
  if (!query.all) conditions.push('a.n = 1');
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `SELECT ${rows} FROM (${left}) AS a ${join} (${right}) AS b ON ${on}${where}`;
}

function withTail(context: QueryEmitter, query: SetQuery | ValuesQuery, inner: string): string {
  const order = query.orderBy.length === 0 ? '' : ` ${emitOrderBy(context, query.orderBy)}`;
  const limit = emitLimit(context, query);
  if (order === '' && limit === '' && query.kind === 'values') return inner;
  return `SELECT ${outputList(query)} FROM (${inner}) AS ${query.source.alias}${order}${limit}`;
}

/**
 * SQLite has no LATERAL, but the arguments of a table-valued function may name the tables before it: the rows travel as
 * JSON, which keeps integers, texts and their order; bytes as hexadecimal digits.
 */
function emitLateral(context: QueryEmitter, query: Query): string {
  const values = query.outputs.map(({ type }, i) => lateralValue(outputName(i), type));
  return `json_each((SELECT json_group_array(json_array(${values.join(', ')})) FROM (${context.emitQuery(query)})))`;
}

const JOINS = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  cross: 'CROSS JOIN',
};

function emitFrom(context: QueryEmitter, item: FromItem, nested: boolean): string {
  switch (item.kind) {
    case 'table':
      return `"${item.sqliteName}" AS ${item.source.alias}`;
    case 'named':
      context.emitter.useDefined(item.name);
      return `${item.name} AS ${item.source.alias}`;
    case 'subquery': {
      const text = context.emitQuery(item.query);
      // SQLite may copy an inner expression to each of its uses; a volatile one must be computed once a row.
      const body = isVolatile(item.query)
        ? `WITH v AS MATERIALIZED (${text}) SELECT * FROM v`
        : text;
      return `(${body}) AS ${item.source.alias}`;
    }
    case 'function': {
      const args = item.args.map((arg) => emitExpr(context, arg)).join(', ');
      return `${item.name}(${args}) AS ${item.source.alias}`;
    }
    case 'lateral':
      return `${emitLateral(context, item.query)} AS ${item.source.alias}`;
    case 'sequence': {
      const value = `coalesce((SELECT value FROM sequences WHERE table_id = ${item.id}), ${context.emitter.constant(item.unused)})`;
      return `(SELECT ${value} AS o1, 0 AS o2, 1 AS o3) AS ${item.source.alias}`;
    }
    case 'join': {
      const left = emitFrom(context, item.left, false);
      const right = emitFrom(context, item.right, true);
      const on = item.on === undefined ? '' : ` ON ${emitExpr(context, item.on)}`;
      const text = `${left} ${JOINS[item.join]} ${right}${on}`;
      return nested ? `(${text})` : text;
    }
  }
}
