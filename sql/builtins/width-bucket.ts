import { SqlError } from '../../base/errors';
import { arrayElements } from '../../catalog/types/array';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, INT8, STRING } from '../../catalog/types/table';
import { compileComparator } from './compare-values';
import {
  compare,
  type Dec,
  decFromRepr,
  fromInt,
  integerDivide,
  multiply,
  subtract,
  toInteger,
} from './decimal-math';
import type { FunctionRow } from './function-row';
import { factory, udf } from './rows';

/** `width_bucket`: which of equally wide buckets a number is in; 0 below the range, count + 1 above it. */

function bucket(operand: Dec, low: Dec, high: Dec, count: bigint): bigint {
  if (count <= 0n) throw new SqlError('invalidParameterValue', 'count must be greater than zero');
  const direction = compare(high, low);
  if (direction === 0)
    throw new SqlError('invalidParameterValue', 'lower bound cannot equal upper bound');
  if (compare(operand, low) * direction < 0) return 0n;
  if (compare(operand, high) * direction >= 0) return count + 1n;
  const share = multiply(subtract(operand, low), fromInt(count));
  return (toInteger(integerDivide(share, subtract(high, low))) ?? 0n) + 1n;
}

export const widthBuckets: readonly FunctionRow[] = [
  udf(
    'width_bucket',
    ['decimal', 'decimal', 'decimal', 'int'],
    INT8,
    (operand: string, low: string, high: string, count: bigint) =>
      bucket(decFromRepr(operand), decFromRepr(low), decFromRepr(high), count),
    { preferred: true },
  ),
  udf(
    'width_bucket',
    ['int', 'int', 'int', 'int'],
    INT8,
    (operand: bigint, low: bigint, high: bigint, count: bigint) =>
      bucket(fromInt(operand), fromInt(low), fromInt(high), count),
  ),
  factory('width_bucket', ['element', 'array'], INT8, ([element, array]) => {
    const below = compileComparator(element ?? STRING);
    return (operand: Repr, bounds: Uint8Array) => {
      const items = arrayElements(array ?? arrayOf(STRING), bounds);
      const at = items.findIndex((bound) => below(operand, bound) < 0);
      return BigInt(at < 0 ? items.length : at);
    };
  }),
];
