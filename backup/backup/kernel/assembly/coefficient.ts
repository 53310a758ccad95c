import { byteCount, lowBytes } from './writer';

/** One unsigned number that is made of decimal digits, in limbs of 32 bits, the lowest first. */

const LIMB: u32 = 4;
const LIMBS_MAX: u32 = 16;
const LIMBS: usize = memory.data(64);

let count: u32 = 0;

/** Zero, which has no limbs. */
export function openCoefficient(): void {
  count = 0;
}

/** Becomes itself times `factor`, plus `term`. It has to stay below 2^512. */
export function multiplyAdd(factor: u32, term: u32): void {
  let carry: u64 = term;
  for (let i: u32 = 0; i < count; i++) {
    const at = LIMBS + i * LIMB;
    carry += <u64>load<u32>(at) * factor;
    store<u32>(at, <u32>carry);
    carry >>= 32;
  }
  if (carry !== 0 && count < LIMBS_MAX) store<u32>(LIMBS + count++ * LIMB, <u32>carry);
}

/** Bytes; 0 of zero. */
export function sizeOfCoefficient(): u32 {
  return count === 0 ? 0 : (count - 1) * LIMB + byteCount(top());
}

function top(): u64 {
  return load<u32>(LIMBS + (count - 1) * LIMB);
}

/** Big endian, without zeros in front. */
export function putCoefficient(): void {
  if (count === 0) return;
  lowBytes(top(), byteCount(top()));
  for (let i = count - 1; i > 0; i--) lowBytes(load<u32>(LIMBS + (i - 1) * LIMB), LIMB);
}
