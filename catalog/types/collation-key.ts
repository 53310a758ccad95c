import { SqlError } from '../../base/errors';

/**
 * Sort keys of collated strings. `Intl.Collator` compares but gives no keys, so each locale gets a table: its letters
 * are sorted by the collator once, and each has its rank on three levels (letter, accent, case). A key is the ranks of
 * the first level, then of the second, then of the third. Letters beyond the table follow by code point; contractions
 * (Danish `aa`) are not known.
 */

interface Weights {
  readonly primary: number;
  readonly secondary: number;
  readonly tertiary: number;
}

interface Collation {
  readonly levels: 1 | 2 | 3;
  readonly weights: ReadonlyMap<string, Weights>;
}

/** Latin with its extensions, Greek, Cyrillic, Armenian, Hebrew; general punctuation and currency. */
const TABLE_RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x370, 0x5ff],
  [0x1e00, 0x1eff],
  [0x2010, 0x2027],
  [0x20a0, 0x20bf],
];

/** Letters that sort as two. */
const EXPANSIONS: readonly (readonly [string, string])[] = [
  ['ß', 'ss'],
  ['ẞ', 'SS'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
];

function alphabet(): string[] {
  const letters: string[] = [];
  for (const [from, to] of TABLE_RANGES)
    for (let code = from; code <= to; code++) {
      const letter = String.fromCharCode(code);
      if (letter.normalize('NFC') === letter && /[^\p{Cn}\p{M}]/u.test(letter))
        letters.push(letter);
    }
  return letters;
}

function buildWeights(tag: string): ReadonlyMap<string, Weights> {
  const full = new Intl.Collator(tag, { sensitivity: 'variant' });
  const accent = new Intl.Collator(tag, { sensitivity: 'accent' });
  const base = new Intl.Collator(tag, { sensitivity: 'base' });
  const letters = alphabet().sort((a, b) => full.compare(a, b));
  const weights = new Map<string, Weights>();
  let [primary, secondary, tertiary] = [0, 0, 0];
  let previous = '';
  for (const letter of letters) {
    if (previous === '' || base.compare(previous, letter) !== 0) {
      primary += 1;
      secondary = 1;
      tertiary = 1;
    } else if (accent.compare(previous, letter) !== 0) {
      secondary += 1;
      tertiary = 1;
    } else if (full.compare(previous, letter) !== 0) tertiary += 1;
    weights.set(letter, { primary, secondary, tertiary });
    previous = letter;
  }
  for (const [letter, expansion] of EXPANSIONS)
    if (base.compare(letter, expansion) === 0) weights.delete(letter);
  return weights;
}

const collations = new Map<string, Collation>();

/** CockroachDB writes `en_u_ks_level2` for the BCP 47 tag `en-u-ks-level2`. */
function collationOf(locale: string): Collation {
  const known = collations.get(locale);
  if (known !== undefined) return known;
  const tag = locale.replaceAll('_', '-');
  const level = /-ks-level([12])/.exec(tag);
  let made: Collation;
  try {
    made = {
      levels: level === null ? 3 : level[1] === '1' ? 1 : 2,
      weights: buildWeights(tag.replace(/-ks-[a-z0-9]+/, '').replace(/-u$/, '')),
    };
  } catch {
    throw new SqlError('invalidParameterValue', `invalid locale ${locale}: not well-formed`);
  }
  collations.set(locale, made);
  return made;
}

const expansionOf = new Map(EXPANSIONS);
/** Above all ranks of the table. */
const BEYOND_TABLE = 0x8000;

function weightsOf(collation: Collation, letter: string): readonly Weights[] {
  const direct = collation.weights.get(letter);
  if (direct !== undefined) return [direct];
  const expansion = expansionOf.get(letter);
  // The expansion is another letter than its parts: one step further on the third level.
  if (expansion !== undefined)
    return Array.from(expansion, (part) => {
      const weights = collation.weights.get(part) ?? { primary: 0, secondary: 1, tertiary: 1 };
      return { ...weights, tertiary: weights.tertiary + 0x40 };
    });
  if (/^\p{Mn}$/u.test(letter))
    return [{ primary: 0, secondary: letter.charCodeAt(0), tertiary: 1 }];
  return [{ primary: BEYOND_TABLE + (letter.codePointAt(0) ?? 0), secondary: 1, tertiary: 1 }];
}

/** Bytes that order, and are equal, as the collation says. */
export function collationKey(locale: string, text: string): Uint8Array {
  const collation = collationOf(locale);
  const weights = Array.from(text.normalize('NFC')).flatMap((letter) =>
    weightsOf(collation, letter),
  );
  const key: number[] = [];
  const push = (weight: number): void => {
    if (weight !== 0) key.push((weight >> 16) & 0xff, (weight >> 8) & 0xff, weight & 0xff);
  };
  for (const { primary } of weights) push(primary);
  if (collation.levels >= 2) {
    key.push(0, 0, 0);
    for (const { secondary } of weights) push(secondary);
  }
  if (collation.levels >= 3) {
    key.push(0, 0, 0);
    for (const { tertiary } of weights) push(tertiary);
  }
  return Uint8Array.from(key);
}
