import { notSupported, SqlError } from '../../base/errors';
import { intervalFromRepr } from '../../catalog/types/interval';
import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, INTERVAL } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { aggregateRows, windowRows } from '../builtins/registry';
import type { FuncCall, WindowDef } from '../parse/pg-tree';
import { bindArguments, bindFilter, comparedArgs, resolveAggregate } from './bind-aggregates';
import { type Binder, settle } from './binder';
import { comparable } from './compare';
import type { Expr, FrameBound, OrderItem, WindowExpr, WindowFrame, WindowSpec } from './expr';
import { orderItem } from './order-item';
import type { Scope } from './scope';
import { type Bound, constant } from './untyped';

/** Calls with OVER: the window, its frame, and the function over it. */

/** FRAMEOPTION_* of PostgreSQL's tree. */
const FRAME = {
  nonDefault: 0x1,
  range: 0x2,
  rows: 0x4,
  groups: 0x8,
  between: 0x10,
  startUnboundedPreceding: 0x20,
  endUnboundedPreceding: 0x40,
  startUnboundedFollowing: 0x80,
  endUnboundedFollowing: 0x100,
  startCurrentRow: 0x200,
  endCurrentRow: 0x400,
  startOffsetPreceding: 0x800,
  endOffsetPreceding: 0x1000,
  startOffsetFollowing: 0x2000,
  endOffsetFollowing: 0x4000,
  excludeCurrentRow: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const;

export function bindWindowCall(
  binder: Binder,
  node: FuncCall,
  name: string,
  over: WindowDef,
  scope: Scope,
): WindowExpr {
  if (scope.noWindowsIn !== undefined) throw windowMisplaced(name, scope.noWindowsIn);
  const own = windowRows(name);
  const isAggregate = aggregateRows(name).length > 0;
  if (own.length === 0 && !isAggregate)
    throw new SqlError(
      'wrongObjectType',
      `OVER specified, but ${name}() is neither a window function nor an aggregate function`,
    );
  if (!isAggregate && node.agg_filter !== undefined)
    throw new SqlError(
      'wrongObjectType',
      `FILTER specified but ${name}() is not an aggregate function`,
    );
  if (node.agg_distinct === true) throw notSupported('DISTINCT in window functions');
  if (node.agg_order !== undefined) throw notSupported('ORDER BY in the call of a window function');
  const inner: Scope = { ...scope, noWindowsIn: NESTED };
  const star = node.agg_star === true;
  if (star && name !== 'count')
    throw new SqlError('undefinedFunction', `unknown signature: ${name}(*)`);
  const args = star ? [] : bindArguments(binder, node, inner);
  const rows = star ? aggregateRows('count_rows') : isAggregate ? aggregateRows(name) : own;
  const call = resolveAggregate(binder, name, rows, args);
  if (name === 'ntile' && call.args.some((arg) => arg.kind !== 'const' && arg.kind !== 'param'))
    throw notSupported('ntile() of an argument that is no constant');
  return {
    kind: 'window',
    type: call.type,
    fn: call.row,
    args: comparedArgs(call.row, call.args, false),
    filter: bindFilter(binder, node, inner),
    window: bindWindow(binder, over, inner),
  };
}

/** What `noWindowsIn` says inside of a window function. */
const NESTED = 'window function';

function windowMisplaced(name: string, where: string): SqlError {
  const message =
    where === NESTED
      ? 'window function calls cannot be nested'
      : `window functions are not allowed in ${where}`;
  return new SqlError('windowingError', `${name}(): ${message}`);
}

export function needsOver(name: string): SqlError {
  return new SqlError('windowingError', `window function ${name}() requires an OVER clause`);
}

/** WINDOW name AS (…), …: by name. */
export function namedWindows(
  clause: readonly { readonly WindowDef: WindowDef }[] | undefined,
): ReadonlyMap<string, WindowDef> {
  const found = new Map<string, WindowDef>();
  for (const { WindowDef } of clause ?? []) {
    const name = WindowDef.name ?? '';
    if (found.has(name))
      throw new SqlError('windowingError', `window "${name}" is already defined`);
    found.set(name, completed(WindowDef, found));
  }
  return found;
}

function windowNamed(name: string, windows: ReadonlyMap<string, WindowDef>): WindowDef {
  const found = windows.get(name);
  if (found === undefined) throw new SqlError('undefinedObject', `window "${name}" does not exist`);
  return found;
}

const hasFrame = (def: WindowDef): boolean => ((def.frameOptions ?? 0) & FRAME.nonDefault) !== 0;

/** With what it takes over from the window that it names. */
function completed(def: WindowDef, windows: ReadonlyMap<string, WindowDef>): WindowDef {
  if (def.refname === undefined) return def;
  const base = windowNamed(def.refname, windows);
  if (def.partitionClause !== undefined)
    throw new SqlError(
      'windowingError',
      `cannot override PARTITION BY clause of window "${def.refname}"`,
    );
  if (def.orderClause !== undefined && base.orderClause !== undefined)
    throw new SqlError(
      'windowingError',
      `cannot override ORDER BY clause of window "${def.refname}"`,
    );
  if (hasFrame(base))
    throw new SqlError(
      'windowingError',
      `cannot copy window "${def.refname}" because it has a frame clause`,
    );
  const { refname: _, ...rest } = def;
  const { partitionClause } = base;
  const orderClause = def.orderClause ?? base.orderClause;
  return {
    ...rest,
    ...(partitionClause === undefined ? {} : { partitionClause }),
    ...(orderClause === undefined ? {} : { orderClause }),
  };
}

function bindWindow(binder: Binder, over: WindowDef, scope: Scope): WindowSpec {
  const windows = scope.windows ?? new Map<string, WindowDef>();
  const def = over.name === undefined ? completed(over, windows) : windowNamed(over.name, windows);
  const bind = (item: Parameters<Binder['bindExpr']>[0]): Expr =>
    comparable(settle(binder, binder.bindExpr(item, scope)));
  const partitionBy = (def.partitionClause ?? []).map(bind);
  const orderBy = (def.orderClause ?? []).map(({ SortBy }) => orderItem(SortBy, bind(SortBy.node)));
  return { partitionBy, orderBy, frame: bindFrame(binder, def, orderBy, scope) };
}

function bindFrame(
  binder: Binder,
  def: WindowDef,
  orderBy: readonly OrderItem[],
  scope: Scope,
): WindowFrame | undefined {
  if (!hasFrame(def)) return undefined;
  const options = def.frameOptions ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  const mode = has(FRAME.rows) ? 'ROWS' : has(FRAME.groups) ? 'GROUPS' : 'RANGE';
  if (mode === 'GROUPS' && orderBy.length === 0)
    throw new SqlError('windowingError', 'GROUPS mode requires an ORDER BY clause');
  const offset = (which: 'starting' | 'ending'): Expr =>
    frameOffset(binder, def, mode, which, orderBy, scope);
  const start: FrameBound = has(FRAME.startOffsetPreceding)
    ? { kind: 'PRECEDING', offset: offset('starting') }
    : has(FRAME.startOffsetFollowing)
      ? { kind: 'FOLLOWING', offset: offset('starting') }
      : { kind: has(FRAME.startCurrentRow) ? 'CURRENT ROW' : 'UNBOUNDED PRECEDING' };
  const end: FrameBound = has(FRAME.endOffsetPreceding)
    ? { kind: 'PRECEDING', offset: offset('ending') }
    : has(FRAME.endOffsetFollowing)
      ? { kind: 'FOLLOWING', offset: offset('ending') }
      : { kind: has(FRAME.endUnboundedFollowing) ? 'UNBOUNDED FOLLOWING' : 'CURRENT ROW' };
  const exclude = has(FRAME.excludeCurrentRow)
    ? 'CURRENT ROW'
    : has(FRAME.excludeGroup)
      ? 'GROUP'
      : has(FRAME.excludeTies)
        ? 'TIES'
        : undefined;
  return { mode, start, end, exclude };
}

/** @throws SqlError windowingError; 0A000 for RANGE offsets that SQLite's arithmetic can't do. */
function frameOffset(
  binder: Binder,
  def: WindowDef,
  mode: WindowFrame['mode'],
  which: 'starting' | 'ending',
  orderBy: readonly OrderItem[],
  scope: Scope,
): Expr {
  const node = which === 'starting' ? def.startOffset : def.endOffset;
  if (node === undefined) throw notSupported('this window frame');
  const empty: Scope = { ...scope, columns: [], parent: undefined, noAggregatesIn: mode };
  const bound = binder.bindExpr(node, empty);
  if (mode !== 'RANGE') return integerOffset(binder, bound, mode, which);
  const [key, ...others] = orderBy;
  if (key === undefined || others.length > 0)
    throw new SqlError(
      'windowingError',
      'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
    );
  const { type } = key.expr;
  if (type.family === 'int') return integerOffset(binder, bound, mode, which);
  if (type.family === 'date' || type.family === 'timestamp' || type.family === 'timestamptz')
    return intervalOffset(typed(settle(binder, bound, INTERVAL), INTERVAL, mode), type, which);
  throw notSupported(`RANGE with an offset over values of type ${messageTypeName(type)}`);
}

/** SQLite wants a constant or a parameter; it checks the sign of parameters itself (execute/execute-on.ts). */
function integerOffset(
  binder: Binder,
  bound: Bound,
  mode: string,
  which: 'starting' | 'ending',
): Expr {
  const expr = typed(settle(binder, bound, INT8), INT8, mode);
  if (expr.kind === 'param') return expr;
  if (expr.kind !== 'const') throw notSupported('a frame offset that is no constant');
  if (expr.value === null)
    throw new SqlError('nullValueNotAllowed', `frame ${which} offset must not be null`);
  if ((expr.value as bigint) < 0n) throw negativeOffset(which);
  return expr;
}

function negativeOffset(which: string): SqlError {
  return new SqlError(
    'invalidPrecedingOrFollowingSize',
    `frame ${which} offset must not be negative`,
  );
}

function typed(expr: Expr, wanted: SqlType, mode: string): Expr {
  if (expr.type.family === wanted.family || expr.type.family === 'unknown') return expr;
  throw new SqlError(
    'datatypeMismatch',
    `argument of ${mode} must be type ${messageTypeName(wanted)}, not type ${messageTypeName(expr.type)}`,
  );
}

const MICROS_PER_DAY = 86_400_000_000n;

/** An interval of a fixed length, in the unit that the key is held in: microseconds, days for dates. */
function intervalOffset(expr: Expr, key: SqlType, which: 'starting' | 'ending'): Expr {
  if (expr.kind !== 'const' || typeof expr.value !== 'string')
    throw notSupported('RANGE with an interval that is no constant');
  const { months, days, micros } = intervalFromRepr(expr.value);
  if (months !== 0) throw notSupported('RANGE with an interval of months');
  if (days !== 0 && key.family === 'timestamptz')
    throw notSupported('RANGE with an interval of days over TIMESTAMPTZ', 'Use hours.');
  const total = BigInt(days) * MICROS_PER_DAY + micros;
  if (total < 0n) throw negativeOffset(which);
  if (key.family !== 'date') return constant(INT8, total);
  if (total % MICROS_PER_DAY !== 0n)
    throw notSupported('RANGE with an interval of hours over DATE', 'Use days.');
  return constant(INT8, total / MICROS_PER_DAY);
}
