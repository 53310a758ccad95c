import type { CastEntry } from './cast-entry';

/** Between integers and bit strings: two's complement, most significant bit first. */

const INT_BITS = 64;
const BIT_OID = 1560;

function bitsOf(value: bigint, width: number): string {
  const bits = BigInt.asUintN(INT_BITS, value).toString(2).padStart(INT_BITS, '0');
  if (width <= INT_BITS) return bits.slice(INT_BITS - width);
  return bits.padStart(width, value < 0n ? '1' : '0');
}

function integerOf(bits: string): bigint {
  return bits === '' ? 0n : BigInt.asIntN(INT_BITS, BigInt(`0b${bits.slice(-INT_BITS)}`));
}

export const bitCasts: readonly CastEntry[] = [
  {
    from: 'int',
    to: 'bit',
    // BIT alone is one bit wide, VARBIT alone as wide as the integer.
    make: (_, to) => {
      const width = to.width > 0 ? to.width : to.oid === BIT_OID ? 1 : INT_BITS;
      return (value: bigint) => bitsOf(value, width);
    },
  },
  { from: 'bit', to: 'int', make: () => integerOf },
];
