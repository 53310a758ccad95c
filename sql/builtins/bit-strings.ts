import { SqlError } from '../../base/errors';
import { VARBIT } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { sameAs, udf } from './rows';

/** Bit strings: characters 0 and 1. */

export type BitOperation = 'AND' | 'OR' | 'XOR';

const RESULTS: { readonly [O in BitOperation]: (a: string, b: string) => boolean } = {
  AND: (a, b) => a === '1' && b === '1',
  OR: (a, b) => a === '1' || b === '1',
  XOR: (a, b) => a !== b,
};

/** @throws SqlError 22026 when the lengths differ */
export function combineBits(operation: BitOperation, a: string, b: string): string {
  if (a.length !== b.length)
    throw new SqlError(
      'stringDataLengthMismatch',
      `cannot ${operation} bit strings of different sizes`,
    );
  const test = RESULTS[operation];
  let out = '';
  for (let i = 0; i < a.length; i++) out += test(a[i] ?? '', b[i] ?? '') ? '1' : '0';
  return out;
}

/** Bits that are pushed out are lost, the length stays. */
function shiftLeft(bits: string, count: bigint): string {
  if (count < 0n) return shiftRight(bits, -count);
  const n = Number(count > BigInt(bits.length) ? BigInt(bits.length) : count);
  return bits.slice(n) + '0'.repeat(n);
}

function shiftRight(bits: string, count: bigint): string {
  if (count < 0n) return shiftLeft(bits, -count);
  const n = Number(count > BigInt(bits.length) ? BigInt(bits.length) : count);
  return '0'.repeat(n) + bits.slice(0, bits.length - n);
}

const BB = ['bit', 'bit'] as const;
const BI = ['bit', 'int'] as const;

export const bitOperators: readonly FunctionRow[] = [
  udf('&', BB, sameAs(0), (a: string, b: string) => combineBits('AND', a, b)),
  udf('|', BB, sameAs(0), (a: string, b: string) => combineBits('OR', a, b)),
  udf('#', BB, sameAs(0), (a: string, b: string) => combineBits('XOR', a, b)),
  udf('~', ['bit'], sameAs(0), (bits: string) =>
    bits.replace(/[01]/g, (bit) => (bit === '0' ? '1' : '0')),
  ),
  udf('<<', BI, VARBIT, shiftLeft),
  udf('>>', BI, VARBIT, shiftRight),
];
