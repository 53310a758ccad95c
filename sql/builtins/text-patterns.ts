import { SqlError } from '../../base/errors';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { flagsOf, likePattern, pattern, similarPattern, similarRegexp } from './patterns';
import { castTextEncoder } from './repr';
import { bool, factory, udf } from './rows';
import { quoteLiteral } from './strings';

/** Functions behind LIKE and SIMILAR TO, splitting by regular expressions, quoting of any value. */

const SS = ['string', 'string'] as const;
const SSS = ['string', 'string', 'string'] as const;

type Matcher = (text: string, source: string, escaped: string) => boolean;

const like: Matcher = (text, source, escaped) =>
  likePattern(source, escapeOf(escaped), '').test(text);
const ilike: Matcher = (text, source, escaped) =>
  likePattern(source, escapeOf(escaped), 'i').test(text);
const similar: Matcher = (text, source, escaped) =>
  similarPattern(source, escapeOf(escaped)).test(text);

function escapeOf(text: string): string {
  if (Array.from(text).length <= 1) return text;
  throw new SqlError('invalidEscapeSequence', 'invalid escape string', {
    hint: 'Escape string must be empty or one character.',
  });
}

function matchers(name: string, matches: Matcher): FunctionRow[] {
  return [
    udf(`${name}_escape`, SSS, BOOL, (...args: [string, string, string]) => bool(matches(...args))),
    udf(`not_${name}_escape`, SSS, BOOL, (...args: [string, string, string]) =>
      bool(!matches(...args)),
    ),
  ];
}

/** The parts between matches; an empty match splits between two characters. */
export function splitByPattern(text: string, source: string, flags = ''): string[] {
  const found = pattern(source, `g${flagsOf(flags)}`);
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(found)) {
    const end = match.index + match[0].length;
    if (match[0] === '' && (match.index === 0 || match.index >= text.length)) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  return [...parts, text.slice(from)];
}

const splitToArray = (text: string, source: string, flags?: string): Uint8Array =>
  arrayToRepr(arrayOf(STRING), splitByPattern(text, source, flags));

function firstMatch(text: string, source: string): string | null {
  const match = pattern(source, '').exec(text);
  return match === null ? null : (match[1] ?? match[0]);
}

/** `substring(text, pattern, escape)`: the escape takes the place of the backslash. */
function firstMatchEscaped(text: string, source: string, escaped: string): string | null {
  const special = escapeOf(escaped);
  if (special === '\\') return firstMatch(text, source);
  const plain = source.replaceAll('\\', '\\\\');
  return firstMatch(text, special === '' ? plain : plain.replaceAll(special, '\\'));
}

const withoutAccents = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[ßæœøłđðþÆŒØŁĐÐÞ]/g, (c) => LETTERS[c] ?? c);

/** Letters that are no letter with a mark. */
const LETTERS: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  Æ: 'AE',
  Œ: 'OE',
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Ð: 'D',
  Þ: 'TH',
};

function quoteAny(nullText: string | null): (types: readonly SqlType[]) => (value: Repr) => Repr {
  return ([type]) => {
    const encode = castTextEncoder(type ?? STRING, {});
    return (value) => (value === null ? nullText : quoteLiteral(encode(value)));
  };
}

const loose = { strict: false } as const;

function collationFor([type]: readonly SqlType[]): () => string {
  return () => {
    if (type?.family === 'collatedstring') return `"${type.locale ?? ''}"`;
    if (type?.family === 'string' || type?.family === 'unknown') return '"default"';
    throw new SqlError(
      'datatypeMismatch',
      `collations are not supported by type: ${type?.family ?? 'unknown'}`,
    );
  };
}

export const textPatternBuiltins: readonly FunctionRow[] = [
  ...matchers('like', like),
  ...matchers('ilike', ilike),
  ...matchers('similar_to', similar),
  udf('similar_to_escape', SS, BOOL, (s: string, p: string) => bool(similar(s, p, '\\'))),
  udf('similar_escape', ['string'], STRING, (p: string) => similarRegexp(p, '\\')),
  udf('similar_escape', SS, STRING, (p: string, e: string) => similarRegexp(p, escapeOf(e))),
  udf('regexp_split_to_array', SS, arrayOf(STRING), splitToArray),
  udf('regexp_split_to_array', SSS, arrayOf(STRING), splitToArray),
  udf('substr', SS, STRING, firstMatch),
  ...['substr', 'substring'].map((name) => udf(name, SSS, STRING, firstMatchEscaped)),
  udf('unaccent', ['string'], STRING, withoutAccents),
  factory('quote_literal', ['any'], STRING, quoteAny(null)),
  factory('quote_nullable', ['any'], STRING, quoteAny('NULL'), loose),
  factory('pg_collation_for', ['any'], STRING, collationFor, loose),
];
