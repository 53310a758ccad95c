import { SqlError } from '../../base/errors';

/** Bounds of integers, and the errors for leaving them. */

export const INT8_MIN = -(2n ** 63n);
export const INT8_MAX = 2n ** 63n - 1n;

export function integerOutOfRange(): SqlError {
  return new SqlError('numericValueOutOfRange', 'integer out of range');
}

export function checkInt8(value: bigint): bigint {
  if (value < INT8_MIN || value > INT8_MAX) throw integerOutOfRange();
  return value;
}

export function divisionByZero(): SqlError {
  return new SqlError('divisionByZero', 'division by zero');
}
