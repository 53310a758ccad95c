import { SqlError } from '../../base/errors';
import { BOOL } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { prefixRangeRows } from './like-prefix';
import { compileRe2 } from './re2';
import { bool, udf } from './rows';

/** LIKE, SIMILAR TO and regular expressions: compiled once a pattern. */

const CACHE_MAX = 256;
const cache = new Map<string, RegExp>();

function cached(key: string, make: () => RegExp): RegExp {
  let made = cache.get(key);
  if (made === undefined) {
    made = make();
    cache.set(key, made);
    const oldest = cache.size > CACHE_MAX ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
  }
  made.lastIndex = 0;
  return made;
}

/** A regular expression in RE2's syntax. @param flags of JavaScript: `g`, `i`, `m`, `s` */
export function pattern(source: string, flags: string): RegExp {
  return cached(`r${flags} ${source}`, () =>
    compileRe2(
      source,
      {
        ignoreCase: flags.includes('i'),
        dotAll: flags.includes('s'),
        multiline: flags.includes('m'),
      },
      flags.includes('g'),
    ),
  );
}

/** Flags of PostgreSQL's regular expressions, as JavaScript's. */
export function flagsOf(text: string): string {
  let ignoreCase = false;
  let dotAll = true;
  let multiline = false;
  for (const flag of text) {
    if (flag === 'i') ignoreCase = true;
    else if (flag === 'c') ignoreCase = false;
    else if (flag === 's') [dotAll, multiline] = [true, false];
    else if (flag === 'm' || flag === 'n') [dotAll, multiline] = [false, true];
    else if (flag === 'p') [dotAll, multiline] = [false, false];
    else if (flag === 'w') [dotAll, multiline] = [true, true];
    else if (flag !== 'g')
      throw new SqlError('invalidRegularExpression', `invalid regexp flag: '${flag}'`);
  }
  return `${ignoreCase ? 'i' : ''}${dotAll ? 's' : ''}${multiline ? 'm' : ''}`;
}

function invalid(source: string, why: string): SqlError {
  return new SqlError('invalidRegularExpression', `invalid regular expression: ${source}`, {
    detail: why,
  });
}

const quoted = (c: string): string => c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** LIKE: `%` any characters, `_` one; the escape takes the meaning from the next. */
export function likePattern(source: string, escaped: string, flags: string): RegExp {
  return cached(`l${flags}${escaped} ${source}`, () => {
    const all = Array.from(source);
    let text = '';
    for (let i = 0; i < all.length; i++) {
      const c = all[i] ?? '';
      if (c === escaped) {
        const next = all[++i];
        if (next === undefined)
          throw new SqlError(
            'invalidEscapeSequence',
            'LIKE pattern must not end with escape character',
          );
        text += quoted(next);
      } else if (c === '%') text += '.*';
      else if (c === '_') text += '.';
      else text += quoted(c);
    }
    return new RegExp(`^${text}$`, `us${flags}`);
  });
}

/** The regular expression of a SIMILAR TO pattern: LIKE's wildcards, and `| * + ? {} () []`. */
export function similarRegexp(source: string, escaped: string): string {
  const all = Array.from(source);
  let text = '';
  for (let i = 0; i < all.length; i++) {
    const c = all[i] ?? '';
    if (c === escaped) text += quoted(all[++i] ?? '');
    else if (c === '%') text += '.*';
    else if (c === '_') text += '.';
    else text += '.^$/\\'.includes(c) ? quoted(c) : c;
  }
  return `^(?:${text})$`;
}

export function similarPattern(source: string, escaped: string): RegExp {
  return cached(`s${escaped} ${source}`, () => {
    try {
      return new RegExp(similarRegexp(source, escaped), 'us');
    } catch (error) {
      throw invalid(source, error instanceof Error ? error.message : String(error));
    }
  });
}

/** `\1` or `\&` in the replacement stand for groups. Flags as `flagsOf` has them. */
export function replaceMatches(text: string, source: string, by: string, flags: string): string {
  const found = pattern(source, `${flags.includes('g') ? 'g' : ''}${flagsOf(flags)}`);
  return text.replace(found, (...match) =>
    by.replace(/\\(\\|&|\d)/g, (_, what: string) => {
      if (what === '\\') return '\\';
      const group = match[what === '&' ? 0 : Number(what)] as unknown;
      return typeof group === 'string' ? group : '';
    }),
  );
}

const SS = ['string', 'string'] as const;
const SSS = ['string', 'string', 'string'] as const;

function escapeOf(text: string): string {
  if (Array.from(text).length <= 1) return text;
  throw new SqlError('invalidEscapeSequence', 'invalid escape string', {
    hint: 'Escape string must be empty or one character.',
  });
}

export const patternOperators: readonly FunctionRow[] = [
  ...prefixRangeRows,
  udf('like', SS, BOOL, (s: string, p: string) => bool(likePattern(p, '\\', '').test(s))),
  udf('like', SSS, BOOL, (s: string, p: string, e: string) =>
    bool(likePattern(p, escapeOf(e), '').test(s)),
  ),
  udf('ilike', SS, BOOL, (s: string, p: string) => bool(likePattern(p, '\\', 'i').test(s))),
  udf('ilike', SSS, BOOL, (s: string, p: string, e: string) =>
    bool(likePattern(p, escapeOf(e), 'i').test(s)),
  ),
  udf('similar to', SS, BOOL, (s: string, p: string) => bool(similarPattern(p, '\\').test(s))),
  udf('similar to', SSS, BOOL, (s: string, p: string, e: string) =>
    bool(similarPattern(p, escapeOf(e)).test(s)),
  ),
  udf('~', SS, BOOL, (s: string, p: string) => bool(pattern(p, '').test(s))),
  udf('~*', SS, BOOL, (s: string, p: string) => bool(pattern(p, 'i').test(s))),
];
