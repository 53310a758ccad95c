import { randomBytes } from 'node:crypto';
import { BOOL, STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { native, udf } from './rows';

/**
 * The range of the texts that a LIKE pattern can match, so that an index is of use: `low <= x AND x < high`. SQLite compares
 * text by its bytes in UTF-8, which is the order of code points.
 */
export interface PrefixRange {
  readonly low: string;
  /** Undefined: no text is above. */
  readonly high: string | undefined;
}

const POINT_MAX = 0x10ffff;

/** The least text above all that begin with `prefix`. */
function above(prefix: string): string | undefined {
  const points = Array.from(prefix, (c) => c.codePointAt(0) ?? 0);
  while (points.length > 0) {
    const last = points.pop() ?? POINT_MAX;
    if (last === POINT_MAX) continue;
    // Surrogates are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}

/** Undefined when the pattern begins with a wildcard, is empty, or ends in its escape character (22025 when it is used). */
export function prefixRange(pattern: string): PrefixRange | undefined {
  let low = '';
  let open = true;
  const all = Array.from(pattern);
  for (let i = 0; i < all.length; i++) {
    let c = all[i] ?? '';
    if (c === '%' || c === '_') {
      open = false;
      continue;
    }
    if (c === '\\') {
      const next = all[++i];
      if (next === undefined) return undefined;
      c = next;
    }
    if (open) low += c;
  }
  return low === '' ? undefined : { low, high: above(low) };
}

/** Above all text: SQLite orders blobs after it. */
const ABOVE_TEXT = new Uint8Array(0);

/** Of a pattern that is known when the statement runs. */
export const prefixRangeRows: readonly FunctionRow[] = [
  udf('like_low', ['string'], STRING, (pattern: string) => prefixRange(pattern)?.low ?? ''),
  udf(
    'like_high',
    ['string'],
    STRING,
    (pattern: string) => prefixRange(pattern)?.high ?? ABOVE_TEXT,
  ),
];

/** Nobody can write this in a text or a name beforehand. */
const MARK = randomBytes(8).toString('hex');

/**
 * Arguments: a column, the whole LIKE, its pattern. The range stands between comments: `emit/prefix-ranges.ts` takes it out
 * for patterns that have no prefix, whose plan it would spoil.
 */
export const IN_PREFIX_RANGE = native(
  'in_prefix_range',
  [],
  BOOL,
  ([column, like, pattern]) =>
    `(/*${MARK}*/${column} >= f_like_low_string(${pattern}) AND ${column} < f_like_high_string(${pattern}) AND /*${MARK}*/${like})`,
  { strict: false },
);

/** The text without its ranges, and the numbers of the slots that hold their patterns; undefined when it has none. */
export function withoutPrefixRanges(
  sql: string,
): { readonly sql: string; readonly slots: readonly number[] } | undefined {
  const parts = sql.split(`/*${MARK}*/`);
  if (parts.length === 1) return undefined;
  const slots = parts
    .filter((_, i) => i % 2 === 1)
    .map((range) => Number(/f_like_low_string\(:p(\d+)\)/.exec(range)?.[1]));
  return { sql: parts.filter((_, i) => i % 2 === 0).join(''), slots };
}
