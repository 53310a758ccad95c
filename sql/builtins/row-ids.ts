import { threadId } from 'node:worker_threads';
import { INT8 } from '../../catalog/types/table';
import { uniqueId } from '../../storage/ranges/unique-id';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** `unique_rowid()` and the hashes that hash-sharded indexes are made with. */

/** The id of the thread takes the place of the node's: each thread counts on its own, and a long statement runs ahead of the clock. */
export const uniqueRowId = (): bigint => uniqueId(threadId);

/** FNV, source: Fowler, Noll and Vo's hash, 32 and 64 bits; `after`: the variant 1a. */
function fnv(bits: 32 | 64, after: boolean): (...texts: (string | Uint8Array | null)[]) => bigint {
  const prime = bits === 32 ? 0x01000193n : 0x100000001b3n;
  const basis = bits === 32 ? 0x811c9dc5n : 0xcbf29ce484222325n;
  return (...texts) => {
    let hash = basis;
    for (const text of texts) {
      if (text === null) continue;
      for (const byte of typeof text === 'string' ? Buffer.from(text, 'utf8') : text) {
        if (after) hash = BigInt.asUintN(bits, (hash ^ BigInt(byte)) * prime);
        else hash = BigInt.asUintN(bits, hash * prime) ^ BigInt(byte);
      }
    }
    return BigInt.asIntN(64, hash);
  };
}

const hash = (name: string, bits: 32 | 64, after: boolean): FunctionRow[] =>
  (['string', 'bytes'] as const).map((rest) =>
    udf(name, [], INT8, fnv(bits, after), {
      rest,
      strict: false,
      ...(rest === 'string' ? { preferred: true } : {}),
    }),
  );

export const rowIdBuiltins: readonly FunctionRow[] = [
  udf('unique_rowid', [], INT8, uniqueRowId, { volatility: 'volatile' }),
  ...hash('fnv32', 32, false),
  ...hash('fnv32a', 32, true),
  ...hash('fnv64', 64, false),
  ...hash('fnv64a', 64, true),
];
