import { SqlError } from '../../base/errors';
import { quoteIdentifier } from '../../catalog/identifiers';
import { arrayToRepr } from '../../catalog/types/array';
import { arrayOf, BYTES, INT8, STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { pattern, replaceMatches } from './patterns';
import { type RowOptions, udf } from './rows';

/** Text and bytes. Lengths and positions count characters (code points), not UTF-16 units. */

/** What one function may make: larger results are refused instead of filling the memory. */
const RESULT_BYTES_MAX = 64 << 20;

/** True when every UTF-16 unit is a character of its own. */
const isSimple = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

const characters = (text: string): string[] => Array.from(text);

function characterCount(text: string): number {
  if (isSimple(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const reversed = (text: string): string =>
  isSimple(text) ? text.split('').reverse().join('') : characters(text).reverse().join('');

/** Characters [from, to), 0-based. */
function slice(text: string, from: number, to: number): string {
  if (isSimple(text)) return text.slice(from, to);
  return characters(text).slice(from, to).join('');
}

/** `start` is 1-based and may be before the text; the part before it uses up the length. */
function substring(text: string, start: bigint, count?: bigint): string {
  const from = Number(start) - 1;
  if (count === undefined) return slice(text, Math.max(from, 0), Number.MAX_SAFE_INTEGER);
  if (count < 0n)
    throw new SqlError('invalidParameterValue', `negative substring length ${count} not allowed`);
  return slice(text, Math.max(from, 0), Math.max(from + Number(count), 0));
}

function substringBytes(bytes: Uint8Array, start: bigint, count?: bigint): Uint8Array {
  const from = Number(start) - 1;
  if (count === undefined) return bytes.subarray(Math.max(from, 0));
  if (count < 0n)
    throw new SqlError('invalidParameterValue', `negative substring length ${count} not allowed`);
  return bytes.subarray(Math.max(from, 0), Math.max(from + Number(count), 0));
}

function left(text: string, count: bigint): string {
  const n = Number(count);
  return slice(text, 0, n < 0 ? Math.max(characterCount(text) + n, 0) : n);
}

function right(text: string, count: bigint): string {
  const total = characterCount(text);
  const n = Number(count);
  return slice(text, n < 0 ? Math.min(-n, total) : Math.max(total - n, 0), total);
}

function checkSize(count: number): void {
  if (count > RESULT_BYTES_MAX)
    throw new SqlError('programLimitExceeded', 'requested length too large');
}

function repeat(text: string, count: bigint): string {
  if (count <= 0n || text === '') return '';
  checkSize(text.length * Number(count));
  return text.repeat(Number(count));
}

function padding(text: string, size: bigint, fill: string): readonly [string, string] {
  const wanted = Number(size);
  checkSize(wanted);
  const have = characterCount(text);
  if (wanted <= have || fill === '') return [slice(text, 0, Math.max(wanted, 0)), ''];
  const unit = characterCount(fill);
  const missing = wanted - have;
  return [text, slice(fill.repeat(Math.ceil(missing / unit)), 0, missing)];
}

function pad(text: string, size: bigint, fill: string, before: boolean): string {
  const [kept, extra] = padding(text, size, fill);
  return before ? extra + kept : kept + extra;
}

function trimSet(text: string, set: string, sides: 'both' | 'left' | 'right'): string {
  const wanted = new Set(characters(set));
  const all = characters(text);
  let from = 0;
  let to = all.length;
  if (sides !== 'right') while (from < to && wanted.has(all[from] ?? '')) from++;
  if (sides !== 'left') while (to > from && wanted.has(all[to - 1] ?? '')) to--;
  return all.slice(from, to).join('');
}

function splitPart(text: string, between: string, field: bigint): string {
  if (field <= 0n)
    throw new SqlError(
      'invalidParameterValue',
      `field position ${field} must be greater than zero`,
    );
  const parts = between === '' ? characters(text) : text.split(between);
  return parts[Number(field) - 1] ?? '';
}

function position(text: string, wanted: string): bigint {
  const at = text.indexOf(wanted);
  return at < 0 ? 0n : BigInt(characterCount(text.slice(0, at)) + 1);
}

function translate(text: string, from: string, to: string): string {
  const targets = characters(to);
  const map = new Map<string, string>();
  for (const [i, c] of characters(from).entries()) if (!map.has(c)) map.set(c, targets[i] ?? '');
  return characters(text)
    .map((c) => map.get(c) ?? c)
    .join('');
}

function initcap(text: string): string {
  return simpleLower(text).replace(
    /(^|[^\p{L}\p{N}])(\p{L})/gu,
    (_, before: string, c: string) => before + simpleUpper(c),
  );
}

/** One character for one: `ß` stays, as Go's mapping has it. */
function simpleUpper(text: string): string {
  const upper = text.toUpperCase();
  if (upper.length === text.length) return upper;
  return characters(text)
    .map((c) => {
      const mapped = c.toUpperCase();
      return characterCount(mapped) === 1 ? mapped : c;
    })
    .join('');
}

function simpleLower(text: string): string {
  const lower = characters(text).map((c) => {
    const mapped = c.toLowerCase();
    return characterCount(mapped) === 1 ? mapped : c === 'İ' ? 'i' : c;
  });
  return lower.join('');
}

function overlay(text: string, by: string, start: bigint, count: bigint): string {
  const all = characters(text);
  const from = Math.min(Math.max(Number(start) - 1, 0), all.length);
  const to = Math.min(Math.max(from + Number(count), 0), all.length);
  return all.slice(0, from).join('') + by + all.slice(to).join('');
}

function chr(code: bigint): string {
  if (code < 0n || code > 0x10ffffn)
    throw new SqlError(
      'invalidParameterValue',
      'input value must be >= 0 and <= 1114111 (0x10FFFF)',
    );
  return String.fromCodePoint(Number(code));
}

function ascii(text: string): bigint {
  const code = text.codePointAt(0);
  if (code !== undefined) return BigInt(code);
  throw new SqlError('invalidParameterValue', 'the input string must not be empty');
}

function encode(bytes: Uint8Array | string, format: string): string {
  const data = Buffer.from(bytes as Uint8Array);
  switch (format) {
    case 'hex':
    case 'base64':
      return data.toString(format);
    case 'escape':
      return escapeBytes(data);
    default:
      throw new SqlError(
        'invalidParameterValue',
        "only 'hex', 'escape', and 'base64' formats are supported for encode()",
      );
  }
}

function escapeBytes(data: Uint8Array): string {
  let text = '';
  for (const byte of data) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return text;
}

function decode(text: string, format: string): Uint8Array {
  if (format === 'hex') {
    if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text))
      throw new SqlError('invalidParameterValue', 'invalid hexadecimal data');
    return Buffer.from(text, 'hex');
  }
  if (format === 'base64') {
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text))
      throw new SqlError('invalidParameterValue', 'invalid base64 data');
    return Buffer.from(text, 'base64');
  }
  if (format === 'escape') {
    const bytes = text.replace(/\\(\\|[0-7]{3})/g, (_, code: string) =>
      code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
    );
    return Buffer.from(bytes, 'latin1');
  }
  throw new SqlError(
    'invalidParameterValue',
    "only 'hex', 'escape', and 'base64' formats are supported for decode()",
  );
}

export function quoteLiteral(text: string): string {
  if (!/['\\\n\t\r]/.test(text)) return `'${text}'`;
  const escaped = text.replace(/['\\\n\t\r]/g, (c) => {
    if (c === '\n') return '\\n';
    if (c === '\t') return '\\t';
    return c === '\r' ? '\\r' : `\\${c}`;
  });
  return `e'${escaped}'`;
}

function toHex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

const S = ['string'] as const;
const SS = ['string', 'string'] as const;
const SSS = ['string', 'string', 'string'] as const;
const SI = ['string', 'int'] as const;
const loose: RowOptions = { strict: false };

/** The same function under several names. */
function named(list: readonly string[], make: (name: string) => FunctionRow): FunctionRow[] {
  return list.map(make);
}

const count = (name: string): FunctionRow =>
  udf(name, S, INT8, (s: string) => BigInt(characterCount(s)), { preferred: true });

export const stringBuiltins: readonly FunctionRow[] = [
  ...named(['length', 'char_length', 'character_length'], count),
  udf('length', ['bytes'], INT8, (b: Uint8Array) => BigInt(b.length)),
  udf('length', ['bit'], INT8, (b: string) => BigInt(b.length)),
  udf('char_length', ['bytes'], INT8, (b: Uint8Array) => BigInt(b.length)),
  udf('octet_length', S, INT8, (s: string) => BigInt(Buffer.byteLength(s)), { preferred: true }),
  udf('octet_length', ['bytes'], INT8, (b: Uint8Array) => BigInt(b.length)),
  udf('bit_length', S, INT8, (s: string) => BigInt(Buffer.byteLength(s) * 8), { preferred: true }),
  udf('bit_length', ['bytes'], INT8, (b: Uint8Array) => BigInt(b.length * 8)),
  udf('upper', S, STRING, simpleUpper),
  udf('lower', S, STRING, simpleLower),
  udf('initcap', S, STRING, initcap),
  ...named(['substr', 'substring'], (name) => udf(name, SI, STRING, substring)),
  ...named(['substr', 'substring'], (name) =>
    udf(name, ['string', 'int', 'int'], STRING, substring),
  ),
  ...named(['substr', 'substring'], (name) => udf(name, ['bytes', 'int'], BYTES, substringBytes)),
  ...named(['substr', 'substring'], (name) =>
    udf(name, ['bytes', 'int', 'int'], BYTES, substringBytes),
  ),
  udf('substring', SS, STRING, (s: string, p: string) => {
    const match = pattern(p, '').exec(s);
    return match === null ? null : (match[1] ?? match[0]);
  }),
  udf('left', SI, STRING, left),
  udf('right', SI, STRING, right),
  udf('lpad', SI, STRING, (s: string, n: bigint) => pad(s, n, ' ', true)),
  udf('lpad', ['string', 'int', 'string'], STRING, (s: string, n: bigint, f: string) =>
    pad(s, n, f, true),
  ),
  udf('rpad', SI, STRING, (s: string, n: bigint) => pad(s, n, ' ', false)),
  udf('rpad', ['string', 'int', 'string'], STRING, (s: string, n: bigint, f: string) =>
    pad(s, n, f, false),
  ),
  udf('replace', SSS, STRING, (s: string, from: string, to: string) =>
    s.replaceAll(from, () => to),
  ),
  udf('split_part', ['string', 'string', 'int'], STRING, splitPart),
  udf('strpos', SS, INT8, position, { preferred: true }),
  udf('reverse', S, STRING, reversed),
  udf('repeat', SI, STRING, repeat),
  udf('translate', SSS, STRING, translate),
  udf('btrim', S, STRING, (s: string) => trimSet(s, ' \t\n\v\f\r', 'both')),
  udf('ltrim', S, STRING, (s: string) => trimSet(s, ' \t\n\v\f\r', 'left')),
  udf('rtrim', S, STRING, (s: string) => trimSet(s, ' \t\n\v\f\r', 'right')),
  udf('btrim', SS, STRING, (s: string, set: string) => trimSet(s, set, 'both')),
  udf('ltrim', SS, STRING, (s: string, set: string) => trimSet(s, set, 'left')),
  udf('rtrim', SS, STRING, (s: string, set: string) => trimSet(s, set, 'right')),
  udf('overlay', ['string', 'string', 'int'], STRING, (s: string, by: string, start: bigint) =>
    overlay(s, by, start, BigInt(characterCount(by))),
  ),
  udf('overlay', ['string', 'string', 'int', 'int'], STRING, overlay),
  udf(
    'concat',
    [],
    STRING,
    (...parts: (string | null)[]) => parts.filter((p) => p !== null).join(''),
    { ...loose, rest: 'string' },
  ),
  udf(
    'concat_ws',
    S,
    STRING,
    (between: string | null, ...parts: (string | null)[]) =>
      between === null ? null : parts.filter((p) => p !== null).join(between),
    { ...loose, rest: 'string' },
  ),
  udf('ascii', S, INT8, ascii),
  udf('chr', ['int'], STRING, chr),
  udf('to_hex', ['int'], STRING, toHex, { preferred: true }),
  udf('to_hex', ['bytes'], STRING, (b: Uint8Array) => Buffer.from(b).toString('hex')),
  udf('encode', ['bytes', 'string'], STRING, encode),
  udf('decode', SS, BYTES, decode),
  udf('quote_ident', S, STRING, quoteIdentifier),
  udf('quote_literal', S, STRING, quoteLiteral, { preferred: true }),
  udf(
    'quote_nullable',
    S,
    STRING,
    (s: string | null) => (s === null ? 'NULL' : quoteLiteral(s)),
    loose,
  ),
  udf('regexp_replace', SSS, STRING, (s: string, p: string, by: string) =>
    replaceMatches(s, p, by, ''),
  ),
  udf('regexp_replace', ['string', 'string', 'string', 'string'], STRING, replaceMatches),
  udf('regexp_extract', SS, STRING, (s: string, p: string) => {
    const match = pattern(p, '').exec(s);
    return match === null ? null : (match[1] ?? match[0]);
  }),
  udf('string_to_array', SS, arrayOf(STRING), stringToArray, loose),
  udf('string_to_array', SSS, arrayOf(STRING), stringToArray, loose),
];

function stringToArray(
  text: string | null,
  between: string | null,
  forNull: string | null = null,
): Uint8Array | null {
  if (text === null) return null;
  const parts =
    between === null
      ? characters(text)
      : between === '' || text === ''
        ? [text]
        : text.split(between);
  const items = text === '' ? [] : parts.map((part) => (part === forNull ? null : part));
  return arrayToRepr(arrayOf(STRING), items);
}
