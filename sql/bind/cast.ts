import { SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { REGCLASS, sameKind, UNKNOWN } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { adjustRow, castRow } from '../builtins/casts';
import { RETYPED } from '../builtins/control';
import { AS_REG_TYPE } from '../builtins/pg-catalog';
import { type Binder, knownType, settle } from './binder';
import { call } from './calls';
import { regConstant, regFromText, regName } from './catalog-functions';
import type { Expr } from './expr';
import { retyped } from './lifted-constants';
import { splitQualifiedName } from './qualified-names';
import {
  type Bound,
  canBecome,
  constant,
  isNullConst,
  isUntyped,
  naturalType,
  nullOf,
} from './untyped';

/** Casts: a constant is read as the type itself, anything else goes through a row of the cast table. */

export function castBound(binder: Binder, bound: Bound, target: SqlType): Expr {
  if (bound.kind === 'string' && target.oid === REGCLASS.oid)
    return constant(target, relationId(binder, bound.text));
  if (bound.kind === 'string' && target.family === 'oid') {
    const known = regConstant(binder, bound.text, target);
    if (known !== undefined) return known;
  }
  if (bound.kind === 'null') return nullOf(target);
  if (bound.kind === 'placeholder') {
    const known = knownType(binder, bound);
    if (known === undefined || sameKind(known, target)) return settle(binder, bound, target);
    return castExpr(settle(binder, bound), target);
  }
  if (bound.kind === 'string' && canBecome(bound, target))
    return adjust(settle(binder, bound, target), target);
  if (isUntyped(bound) && bound.kind === 'number') {
    const natural = canBecome(bound, target) ? target : (naturalType(bound) ?? UNKNOWN);
    return castExpr(
      settle(binder, bound, natural.family === target.family ? naturalOf(bound, target) : natural),
      target,
    );
  }
  const expr = settle(binder, bound);
  const name = target.family === 'string' ? regName(binder, expr) : undefined;
  const object = target.family === 'oid' ? regFromText(binder, expr, target) : undefined;
  return object ?? castExpr(name ?? expr, target);
}

/** The widest type of the target's family: the cast itself checks the width. */
function naturalOf(bound: Bound, target: SqlType): SqlType {
  const natural = isUntyped(bound) ? naturalType(bound) : undefined;
  return natural?.family === target.family ? natural : target;
}

/** Applies width, precision and scale. */
function adjust(expr: Expr, target: SqlType): Expr {
  // A number read as an object: not the same as a column that holds such numbers.
  if (target.family === 'oid' && expr.type.oid !== target.oid && expr.kind !== 'const')
    return call(AS_REG_TYPE, target, [expr]);
  const row = adjustRow(target);
  if (isNullConst(expr)) return constant(target, null);
  if (row !== undefined) return call(row, target, [expr]);
  // A call was made for its own type: 'abc'::VARCHAR(2)::STRING is still cut.
  if (expr.kind === 'call') return call(RETYPED, target, [expr]);
  return expr.kind === 'const' ? retyped(expr, target) : { ...expr, type: target };
}

/** `'t'::REGCLASS`: the id of a relation by its name or by its number. */
function relationId(binder: Binder, text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  const table = binder.context.catalog.resolveRelation(splitQualifiedName(text));
  if (table === undefined)
    throw new SqlError('undefinedTable', `relation "${text}" does not exist`);
  return BigInt(table.id);
}

export function castExpr(expr: Expr, target: SqlType): Expr {
  // Stored expressions spell enum values as the bytes they are stored as.
  if (target.family === 'enum' && expr.kind === 'const' && expr.type.family === 'bytes')
    return constant(target, expr.value);
  if (expr.type.family === 'unknown') return { ...expr, type: target };
  if (sameKind(expr.type, target)) return adjust(expr, target);
  const row = castRow(expr.type, target);
  if (row !== undefined) return call(row, target, [expr]);
  throw new SqlError(
    'cannotCoerce',
    `invalid cast: ${messageTypeName(expr.type)} -> ${messageTypeName(target)}`,
  );
}
