import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { type DecimalDigits, formatDecimal, splitDecimal } from './decimal';

/**
 * JSONB: text as CockroachDB prints it (keys sorted bytewise, `, ` and `: `). Numbers keep their digits exactly.
 * The parser is strict; its messages are those of Go's decoder, which clients of CockroachDB see.
 */

/** A number with its digits as written. */
export class JsonNumber {
  readonly decimal: DecimalDigits;

  constructor(decimal: DecimalDigits) {
    this.decimal = decimal;
  }

  toString(): string {
    return formatDecimal(this.decimal.negative, this.decimal.digits, this.decimal.exponent);
  }
}

/** Objects are maps whose keys are in bytewise order. */
export type JsonValue =
  | null
  | boolean
  | string
  | JsonNumber
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** Order of UTF-8 bytes, which is that of code points; UTF-16 differs for surrogates. */
export function compareUtf8(a: string, b: string): number {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above the rest.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

/** Makes an object of entries in any order; the last of equal keys wins. */
export function jsonObject(entries: Iterable<readonly [string, JsonValue]>): JsonValue {
  const latest = new Map(entries);
  return new Map([...latest].sort(([a], [b]) => compareUtf8(a, b)));
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Whether a UTF-16 code unit may stand for itself between the quotes. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== 0x22 && code !== 0x5c && (code < 0x2028 || code > 0x2029);
}

function escapeCharacter(code: number): string {
  switch (code) {
    case 0x22:
      return '\\"';
    case 0x5c:
      return '\\\\';
    case 0x0a:
      return '\\n';
    case 0x0d:
      return '\\r';
    case 0x09:
      return '\\t';
    default:
      return `\\u${code.toString(16).padStart(4, '0')}`;
  }
}

/** A JSON string literal as CockroachDB prints it. */
export function jsonStringText(text: string): string {
  let escaped = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isPlain(code)) continue;
    escaped += text.slice(from, i) + escapeCharacter(code);
    from = i + 1;
  }
  return from === 0 ? `"${text}"` : `"${escaped}${text.slice(from)}"`;
}

export function jsonText(value: JsonValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return jsonStringText(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof JsonNumber) return value.toString();
  if (value instanceof Map) {
    const parts: string[] = [];
    for (const [key, item] of value) parts.push(`${jsonStringText(key)}: ${jsonText(item)}`);
    return `{${parts.join(', ')}}`;
  }
  return `[${(value as readonly JsonValue[]).map(jsonText).join(', ')}]`;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

const LITERALS: { readonly [first: string]: readonly [string, JsonValue] } = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
};

const SIMPLE_ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Why a text is no JSON, without the prefix. */
class JsonSyntaxError extends Error {}

class JsonParser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): JsonValue {
    const value = this.value(0);
    this.skipSpace();
    if (this.position < this.text.length)
      throw new JsonSyntaxError('trailing characters after JSON document');
    return value;
  }

  private unexpected(context: string): never {
    const code = this.text.codePointAt(this.position);
    if (code === undefined)
      throw new JsonSyntaxError(
        `unable to decode JSON: ${this.text.trim() === '' ? 'EOF' : 'unexpected EOF'}`,
      );
    const character = String.fromCodePoint(code);
    const shown =
      character === "'"
        ? `'\\''`
        : character === '"'
          ? `'"'`
          : `'${jsonStringText(character).slice(1, -1)}'`;
    throw new JsonSyntaxError(`unable to decode JSON: invalid character ${shown} ${context}`);
  }

  private skipSpace(): void {
    while (isSpace(this.text.charCodeAt(this.position))) this.position++;
  }

  private value(depth: number): JsonValue {
    if (depth > limits.jsonDepthMax)
      throw new JsonSyntaxError(`JSON nested deeper than ${limits.jsonDepthMax} levels`);
    this.skipSpace();
    const first = this.text[this.position] ?? '';
    if (first === '"') return this.string();
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    const literal = LITERALS[first];
    if (literal !== undefined) return this.literal(literal[0], literal[1]);
    if (first === '-' || isDigit(first.charCodeAt(0))) return this.number();
    return this.unexpected('looking for beginning of value');
  }

  private literal(word: string, value: JsonValue): JsonValue {
    for (let i = 1; i < word.length; i++) {
      this.position++;
      if (this.text[this.position] !== word[i])
        this.unexpected(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.position++;
    return value;
  }

  private digits(context: string): void {
    if (!isDigit(this.text.charCodeAt(this.position))) this.unexpected(context);
    while (isDigit(this.text.charCodeAt(this.position))) this.position++;
  }

  private number(): JsonNumber {
    const from = this.position;
    if (this.text[this.position] === '-') this.position++;
    if (this.text[this.position] === '0') this.position++;
    else this.digits('in numeric literal');
    if (this.text[this.position] === '.') {
      this.position++;
      this.digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.text[this.position] ?? '')) {
      this.position++;
      if (/[+-]/.test(this.text[this.position] ?? '')) this.position++;
      this.digits('in exponent of numeric literal');
    }
    const decimal = splitDecimal(this.text.slice(from, this.position));
    if (decimal === undefined || Math.abs(decimal.exponent) > limits.jsonExponentMax)
      throw new JsonSyntaxError('unable to decode JSON: number out of range');
    return new JsonNumber(decimal);
  }

  private escaped(): string {
    const letter = this.text[++this.position] ?? '';
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== undefined) {
      this.position++;
      return simple;
    }
    if (letter !== 'u') this.unexpected('in string escape code');
    this.position++;
    for (let i = 0; i < 4; i++, this.position++)
      if (!/[0-9a-fA-F]/.test(this.text[this.position] ?? ''))
        this.unexpected('in \\u hexadecimal character escape');
    return String.fromCharCode(
      Number.parseInt(this.text.slice(this.position - 4, this.position), 16),
    );
  }

  private string(): string {
    this.position++;
    let value = '';
    let from = this.position;
    let hasEscapes = false;
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code === 0x22) break;
      if (code === 0x5c) {
        value += this.text.slice(from, this.position) + this.escaped();
        from = this.position;
        hasEscapes = true;
      } else if (Number.isNaN(code) || code < 0x20) this.unexpected('in string literal');
      else this.position++;
    }
    value += this.text.slice(from, this.position);
    this.position++;
    return hasEscapes ? value.replaceAll(LONE_SURROGATE, '\ufffd') : value;
  }

  private array(depth: number): JsonValue {
    const values: JsonValue[] = [];
    this.position++;
    this.skipSpace();
    if (this.text[this.position] === ']') {
      this.position++;
      return values;
    }
    for (;;) {
      values.push(this.value(depth + 1));
      this.skipSpace();
      const next = this.text[this.position];
      if (next !== ',' && next !== ']') this.unexpected('after array element');
      this.position++;
      if (next === ']') return values;
    }
  }

  private object(depth: number): JsonValue {
    const entries: [string, JsonValue][] = [];
    this.position++;
    this.skipSpace();
    if (this.text[this.position] === '}') {
      this.position++;
      return new Map();
    }
    for (;;) {
      this.skipSpace();
      if (this.text[this.position] !== '"')
        this.unexpected('looking for beginning of object key string');
      const key = this.string();
      this.skipSpace();
      if (this.text[this.position] !== ':') this.unexpected('after object key');
      this.position++;
      entries.push([key, this.value(depth + 1)]);
      this.skipSpace();
      const next = this.text[this.position];
      if (next !== ',' && next !== '}') this.unexpected('after object key:value pair');
      this.position++;
      if (next === '}') return jsonObject(entries);
    }
  }
}

/** @throws SqlError 22P02 `could not parse JSON: …` */
export function parseJsonValue(text: string): JsonValue {
  try {
    return new JsonParser(text).document();
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new SqlError('invalidTextRepresentation', `could not parse JSON: ${error.message}`);
  }
}

/** Any JSON text to the stored one. @throws SqlError 22P02 */
export function parseJson(text: string): string {
  return jsonText(parseJsonValue(text));
}
