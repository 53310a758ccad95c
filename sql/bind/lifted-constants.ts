import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import {
  decimalFromText,
  decodeText,
  floatFromText,
  isClockWord,
  type SessionValues,
} from '../builtins/repr';
import type { LiftedLiteral, LiteralUse } from '../parse/literal-slots';
import type { ConstExpr } from './expr';

/** Constants that were taken out of a text (parse/lifted-literals.ts) and their values, as binding the text would give them. */

export const FRACTIONAL: ReadonlySet<TypeFamily> = new Set(['decimal', 'float']);

/** @param text of a whole number that is an INT8, unless the type is fractional */
export function numberValue(text: string, type: SqlType): Repr {
  switch (type.family) {
    case 'decimal':
      return decimalFromText(text);
    case 'float':
      return floatFromText(text);
    default:
      return BigInt(text);
  }
}

/** Numbers are read without any. */
const NO_SETTINGS: SessionValues = {};

/**
 * The value of a constant that was given a type.
 * @returns undefined: it is no plain value, or would be refused; the statement has to be bound with it
 */
export function liftedValue(
  text: string,
  literal: LiftedLiteral,
  type: SqlType,
  settings: SessionValues,
): Repr | undefined {
  if (literal.kind === 'number') {
    return FRACTIONAL.has(type.family) || literal.isWhole ? numberValue(text, type) : undefined;
  }
  if (isClockWord(text, type)) return undefined;
  try {
    return decodeText(text, type, settings);
  } catch {
    return undefined;
  }
}

/** The same for all uses of a statement's constants. Undefined: one of them has to be looked at. */
export function liftedValues(
  texts: readonly string[],
  uses: readonly LiteralUse[],
  settings: () => SessionValues,
): Repr[] | undefined {
  const values: Repr[] = [];
  let known: SessionValues | undefined;
  for (const { literal, type } of uses) {
    const text = literal.slots.textOf(literal, texts);
    if (literal.kind === 'string') known ??= settings();
    const value = liftedValue(text, literal, type, known ?? NO_SETTINGS);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Whoever reads its value makes the statement one for this value. */
export function liftedConstant(type: SqlType, value: Repr, literal: LiftedLiteral): ConstExpr {
  const { slots } = literal;
  return lifted(type, { literal, parameter: slots.use(literal, type) }, () => {
    slots.read(literal);
    return value;
  });
}

/** The same value as one of another type. */
export function retyped(expr: ConstExpr, type: SqlType): ConstExpr {
  return expr.lifted === undefined
    ? { ...expr, type }
    : lifted(type, expr.lifted, () => expr.value);
}

function lifted(
  type: SqlType,
  about: NonNullable<ConstExpr['lifted']>,
  read: () => Repr,
): ConstExpr {
  const expr: Omit<ConstExpr, 'value'> = { kind: 'const', type };
  Object.defineProperty(expr, 'value', { enumerable: true, get: read });
  // Not seen by copies: who copies a constant has read it.
  Object.defineProperty(expr, 'lifted', { value: about });
  return expr as ConstExpr;
}
