import { SqlError } from '../../base/errors';
import type { SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { messageTypeName } from '../../catalog/types/type-name';
import type { CallExpr, ContextExpr, Expr } from '../bind/expr';
import { contextFunctionOf } from '../builtins/context-functions';
import type { ContextName } from '../builtins/function-row';

/**
 * What is computed again, in other sessions and at other times, must come out the same: index entries and stored columns are of the time at
 * which they were written. CockroachDB refuses the rest; a backup with it would give other rows there.
 */

/** @param what for the message: `INDEX PREDICATE` … @throws SqlError featureNotSupported (0A000) */
export function requireImmutable(expr: Expr, what: string): void {
  const offence = firstOffence(expr);
  if (offence === undefined) return;
  const isVolatile = offence.kind === 'call' && offence.fn.volatility === 'volatile';
  const kind = isVolatile ? 'volatile functions' : 'context-dependent operators';
  const message = `${label(offence)}: ${kind} are not allowed in ${what}`;
  throw new SqlError('featureNotSupported', message);
}

function firstOffence(expr: Expr): CallExpr | ContextExpr | undefined {
  if (expr.kind === 'context') return expr;
  const parts = expr.kind === 'row' ? expr.items : expr.kind === 'call' ? expr.args : [];
  for (const part of parts) {
    const found = firstOffence(part);
    if (found !== undefined) return found;
  }
  return expr.kind === 'call' && depends(expr) ? expr : undefined;
}

const CAST = 'cast to ';

function label(offence: CallExpr | ContextExpr): string {
  if (offence.kind === 'context') return `${contextFunctionOf(offence.name) ?? offence.name}()`;
  const { fn, args, type } = offence;
  const [from] = args;
  if (fn.name.startsWith(CAST) && from !== undefined)
    return `${messageTypeName(from.type)}::${messageTypeName(type)}`;
  return /^\w/.test(fn.name) ? `${fn.name}()` : fn.name;
}

/** Of these texts alone depend; which ones is in `castDepends`. */
const STYLES: ReadonlySet<ContextName> = new Set([
  'extraFloatDigits',
  'byteaOutput',
  'intervalStyle',
  'dateStyle',
]);

function depends({ fn, args, type }: CallExpr): boolean {
  const [from] = args;
  if (fn.name.startsWith(CAST) && from !== undefined) return castDepends(from.type, type);
  return fn.volatility !== 'immutable' || fn.context.some((name) => !STYLES.has(name));
}

/** `extra_float_digits`, the time zone and `bytea_output`; arrays may hold them. */
const PRINTED: ReadonlySet<TypeFamily> = new Set(['float', 'timestamptz', 'bytes', 'array']);
/** Words like 'now' and 'today'. */
const READ: ReadonlySet<TypeFamily> = new Set([
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
]);

function castDepends(from: SqlType, to: SqlType): boolean {
  if (from.element !== undefined && to.element !== undefined)
    return castDepends(from.element, to.element);
  if (from.family === to.family) return false;
  if (isText(to)) return PRINTED.has(from.family);
  if (isText(from)) return READ.has((to.element ?? to).family);
  // Between times with a zone and without; only a TIMETZ has its own.
  const times = READ.has(from.family) && READ.has(to.family);
  return times && (from.family === 'timestamptz' || to.family.endsWith('tz'));
}

const isText = ({ family }: SqlType): boolean => family === 'string' || family === 'collatedstring';
