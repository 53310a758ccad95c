import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import { DECIMAL, INT8, RECORD, STRING, UNKNOWN } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { castRow } from '../builtins/casts';
import { INT8_MAX, INT8_MIN } from '../builtins/integer';
import { decodeText, isClockWord } from '../builtins/repr';
import type { LiftedLiteral } from '../parse/literal-slots';
import type { BindContext } from './catalog-view';
import type { ConstExpr, Expr } from './expr';
import { FRACTIONAL, liftedConstant, liftedValue, numberValue } from './lifted-constants';

/**
 * Constants and placeholders that have no type yet. A number, a string or a placeholder takes the type that its
 * context wants; without one it takes its natural type. The rules are CockroachDB's.
 */

export interface UntypedNumber {
  readonly kind: 'number';
  /** Digits, with a sign and an exponent if there are any. */
  readonly text: string;
  readonly lifted?: LiftedLiteral;
}

export interface UntypedString {
  readonly kind: 'string';
  readonly text: string;
  readonly lifted?: LiftedLiteral;
}

export interface UntypedNull {
  readonly kind: 'null';
}

export interface Placeholder {
  readonly kind: 'placeholder';
  readonly index: number;
}

/** `(a, b)`: compared, tested for NULL or looked for in a list field by field; a value where one is asked for. */
export interface UntypedRow {
  readonly kind: 'tuple';
  readonly items: readonly Bound[];
  readonly labels?: readonly string[];
}

export type Untyped = UntypedNumber | UntypedString | UntypedNull | Placeholder | UntypedRow;

/** Whoever reads its text makes the statement one for this text. */
export function liftedUntyped(lifted: LiftedLiteral): UntypedNumber | UntypedString {
  return {
    kind: lifted.kind,
    get text() {
      return lifted.slots.read(lifted);
    },
    lifted,
  };
}

/** What binding an expression gives before its context is asked. */
export type Bound = Expr | Untyped;

export function isUntyped(bound: Bound): bound is Untyped {
  switch (bound.kind) {
    case 'number':
    case 'string':
    case 'null':
    case 'placeholder':
    case 'tuple':
      return true;
    default:
      return false;
  }
}

export const constant = (type: SqlType, value: ConstExpr['value']): ConstExpr => ({
  kind: 'const',
  type,
  value,
});

/** Known without a look at the value: a constant that was taken out of its text is none. */
export const isNullConst = (expr: Expr): boolean =>
  expr.kind === 'const' && expr.lifted === undefined && expr.value === null;

export const nullOf = (type: SqlType): ConstExpr => constant(type, null);

const isWhole = (number: UntypedNumber): boolean =>
  number.lifted === undefined ? /^-?\d+$/.test(number.text) : number.lifted.isWhole;

function fitsInt8(number: UntypedNumber): boolean {
  if (!isWhole(number)) return false;
  if (number.lifted !== undefined) return true;
  const value = BigInt(number.text);
  return value >= INT8_MIN && value <= INT8_MAX;
}

/** The type an untyped expression has when nothing else decides; undefined for placeholders. */
export function naturalType(untyped: Untyped): SqlType | undefined {
  switch (untyped.kind) {
    case 'number':
      return fitsInt8(untyped) ? INT8 : DECIMAL;
    case 'string':
      return STRING;
    case 'null':
      return UNKNOWN;
    case 'tuple':
      return RECORD;
    case 'placeholder':
      return undefined;
  }
}

/** Could take this type, as far as one can tell without parsing. */
export function canBecome(untyped: Untyped, type: SqlType): boolean {
  if (untyped.kind === 'null' || untyped.kind === 'placeholder') return true;
  if (untyped.kind === 'tuple') return false;
  if (untyped.kind === 'string') return type.family !== 'tuple' && type.family !== 'unknown';
  switch (type.family) {
    case 'int':
    case 'oid':
      return isWhole(untyped);
    case 'float':
    case 'decimal':
      return true;
    default:
      return false;
  }
}

/** Gives an untyped expression a type that `canBecome` allowed. */
export function settleAs(untyped: Untyped, type: SqlType, types: ParameterTypes): Expr {
  types.settled(untyped, type);
  switch (untyped.kind) {
    case 'null':
      return nullOf(type);
    case 'placeholder':
      return types.settle(untyped.index, type);
    case 'string':
      return types.lifted(untyped.lifted, type) ?? settleString(untyped, type, types);
    case 'number':
      return types.lifted(untyped.lifted, type) ?? settleNumber(untyped, type);
    case 'tuple':
      throw notSupported(`a row value as a value of type ${messageTypeName(type)}`);
  }
}

function settleString({ text }: UntypedString, type: SqlType, types: ParameterTypes): Expr {
  return isClockWord(text, type) ? clockWord(text, type) : constant(type, types.parse(text, type));
}

/** `'now'::TIMESTAMP`: read when the statement runs. */
function clockWord(text: string, type: SqlType): Expr {
  const fn = defined(castRow(STRING, type), 'a cast from text');
  return { kind: 'call', type, fn, args: [constant(STRING, text)] };
}

function settleNumber(number: UntypedNumber, type: SqlType): Expr {
  if (!FRACTIONAL.has(type.family) && !fitsInt8(number))
    throw new SqlError('numericValueOutOfRange', 'integer out of range');
  return constant(type, numberValue(number.text, type));
}

/** Types of the client's parameters: declared, or learned from where they are used. */
export class ParameterTypes {
  private readonly known: (SqlType | undefined)[];
  private readonly context: BindContext;

  constructor(context: BindContext) {
    this.context = context;
    this.known = [...context.parameterTypes];
  }

  /** A constant was given its type. */
  settled(untyped: Untyped, type: SqlType): void {
    this.context.onConstant?.(untyped, type);
  }

  /** A constant that was taken out of its text; undefined: it has to be looked at. */
  lifted(literal: LiftedLiteral | undefined, type: SqlType): Expr | undefined {
    if (literal === undefined) return undefined;
    const { slots } = literal;
    const value = liftedValue(slots.peek(literal), literal, type, this.context.settings);
    if (value === undefined) return undefined;
    return liftedConstant(type, value, literal);
  }

  get(index: number): SqlType | undefined {
    return this.known[index - 1];
  }

  settle(index: number, type: SqlType): Expr {
    const known = this.known[index - 1];
    if (known === undefined && type.family !== 'unknown') this.known[index - 1] = type;
    if (type.family === 'unknown' && known === undefined) throw indeterminate(index);
    return { kind: 'param', type: known ?? type, index };
  }

  /** A string literal read as a value of the type. @throws SqlError as the type's input function does. */
  parse(text: string, type: SqlType): ConstExpr['value'] {
    return decodeText(text, type, this.context.settings);
  }

  /** Every type from $1 on. @throws SqlError indeterminateDatatype (42P18) when one was never learned. */
  all(): SqlType[] {
    return Array.from(this.known, (type, i) => {
      if (type === undefined) throw indeterminate(i + 1);
      return type;
    });
  }
}

export function indeterminate(index: number): SqlError {
  return new SqlError(
    'indeterminateDatatype',
    `could not determine data type of placeholder $${index}`,
  );
}
