import { SqlError } from '../../base/errors';
import { BOOL } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
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

/** Constructs that RE2 has not, or reads in another way than JavaScript does. */
const NOT_RE2 = /\(\?[=!<]|\\[1-9]|\\[bB](?=\{)|\[\[:/;

/** A regular expression in RE2's syntax, as far as JavaScript agrees with it. */
export function pattern(source: string, flags: string): RegExp {
  return cached(`r${flags} ${source}`, () => {
    const posix = source.replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole);
    const inline = /^\(\?([ims]+)\)/.exec(posix);
    const body = inline === null ? posix : posix.slice(inline[0].length);
    if (NOT_RE2.test(body)) throw invalid(source, 'unsupported construct');
    try {
      return new RegExp(body, `u${[...new Set(flags + (inline?.[1] ?? ''))].join('')}`);
    } catch (error) {
      throw invalid(source, error instanceof Error ? error.message : String(error));
    }
  });
}

const POSIX: { readonly [name: string]: string } = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-/:-@[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
};

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

/** `\1` or `\&` in the replacement stand for groups. Flags: g all, i case, s and n newlines. */
export function replaceMatches(text: string, source: string, by: string, flags: string): string {
  const known = /^[gimnsc]*$/.test(flags);
  if (!known) throw new SqlError('invalidRegularExpression', `invalid regexp flag: "${flags}"`);
  const all = flags.includes('g') ? 'g' : '';
  const found = pattern(source, all + (flags.includes('i') ? 'i' : ''));
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
