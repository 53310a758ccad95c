import { SqlError } from '../../base/errors';
import { INT8, STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** Fuzzy string matching: edit distance and Soundex, as PostgreSQL's fuzzystrmatch has them. */

const LENGTH_MAX = 255;

function checkLength(text: readonly string[]): readonly string[] {
  if (text.length <= LENGTH_MAX) return text;
  throw new SqlError(
    'invalidParameterValue',
    `levenshtein argument exceeds maximum length of ${LENGTH_MAX} characters`,
  );
}

/** The least cost of turning one text into the other. */
function levenshtein(
  source: string,
  target: string,
  insertCost = 1n,
  deleteCost = 1n,
  substituteCost = 1n,
): bigint {
  const from = checkLength(Array.from(source));
  const to = checkLength(Array.from(target));
  let above = Array.from({ length: to.length + 1 }, (_, i) => BigInt(i) * insertCost);
  for (const [i, character] of from.entries()) {
    const row = [BigInt(i + 1) * deleteCost];
    for (const [j, other] of to.entries()) {
      const substituted = (above[j] ?? 0n) + (character === other ? 0n : substituteCost);
      const deleted = (above[j + 1] ?? 0n) + deleteCost;
      const inserted = (row[j] ?? 0n) + insertCost;
      let best = substituted < deleted ? substituted : deleted;
      if (inserted < best) best = inserted;
      row.push(best);
    }
    above = row;
  }
  return BigInt.asIntN(64, above[to.length] ?? 0n);
}

/** Codes of the letters A to Z; 0 is no sound. */
const CODES = '01230120022455012623010202';

const codeOf = (letter: string): string => CODES[letter.charCodeAt(0) - 65] ?? '0';

/** A letter and three digits; empty when there is no letter. */
function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/^[^A-Z]+/, '');
  const first = letters[0];
  if (first === undefined) return '';
  let code = first;
  for (let i = 1; i < letters.length && code.length < 4; i++) {
    const letter = letters[i] ?? '';
    if (letter < 'A' || letter > 'Z') continue;
    if (codeOf(letter) === codeOf(letters[i - 1] ?? '')) continue;
    if (codeOf(letter) !== '0') code += codeOf(letter);
  }
  return code.padEnd(4, '0');
}

function difference(a: string, b: string): bigint {
  const [one, other] = [soundex(a), soundex(b)];
  let same = 0n;
  for (let i = 0; i < 4; i++) if (one[i] === other[i]) same++;
  return same;
}

const SS = ['string', 'string'] as const;

export const fuzzyBuiltins: readonly FunctionRow[] = [
  udf('levenshtein', SS, INT8, (a: string, b: string) => levenshtein(a, b)),
  udf('levenshtein', ['string', 'string', 'int', 'int', 'int'], INT8, levenshtein),
  udf('soundex', ['string'], STRING, soundex),
  udf('difference', SS, INT8, difference),
];
