import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import { lexicalError } from './syntax-error';
import type { Token, TokenType } from './token';

/**
 * The lexer of CockroachDB's SQL, shared by the splitter, the grammar and the pass to PostgreSQL's spellings.
 *
 * Written by hand, one character at a time: comments nest, dollar quotes carry a tag, and a regular expression over a string
 * constant of a megabyte can exhaust the matcher's stack. Time is linear in the text.
 *
 * @returns tokens without blanks and comments; the last one is 'eof' at the end of the text
 * @throws SqlError syntaxError (unterminated string, comment or quoted identifier, NUL), statementTooComplex
 */
export function lex(source: string): Token[] {
  if (source.length > limits.sqlTextBytesMax) {
    throw new SqlError(
      'statementTooComplex',
      `statement of ${source.length} characters exceeds ${limits.sqlTextBytesMax}`,
    );
  }
  // A NUL would end the text for PostgreSQL's parser, even inside a comment.
  const nul = source.indexOf('\0');
  if (nul >= 0) throw lexicalError(source, nul, 'invalid character "\\u0000"');
  return new Lexer(source).run();
}

const CODE = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  doubleQuote: 34,
  dollar: 36,
  quote: 39,
  star: 42,
  plus: 43,
  minus: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  backslash: 92,
  underscore: 95,
} as const;

const PUNCTUATION = new Set('()[]{},;.:');
const OPERATOR_START = new Set('+-*/<>=~!@#%^&|?');

/** Longest first; a lone character that starts none of these is an operator by itself. */
const OPERATORS = [
  ['!~*', '->>', '#>>', '<<=', '>>=', '||/', '!~~', '~~*', '<=>', '<->'],
  ['!=', '!~', '->', '#>', '#-', '<<', '>>', '<=', '>=', '<>', '||', '|/', '//', '~*', '~~'],
  ['@>', '<@', '&&', '?|', '?&', '@@'],
]
  .flat()
  .concat('!~~*');
const OPERATORS_BY_LENGTH = [4, 3, 2].map(
  (length) => [length, new Set(OPERATORS.filter((each) => each.length === length))] as const,
);

function isDigit(code: number): boolean {
  return code >= CODE.zero && code <= CODE.nine;
}

function isSpace(code: number): boolean {
  return code === CODE.space || (code >= CODE.tab && code <= CODE.return);
}

function isIdentifierStart(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 97 && lower <= 122) || code === CODE.underscore || code >= 0x80;
}

function isIdentifierPart(code: number): boolean {
  return isIdentifierStart(code) || isDigit(code) || code === CODE.dollar;
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 97 && lower <= 102);
}

/** Character by character: a whole text would get a final sigma. */
function foldUnicode(text: string): string {
  let folded = '';
  for (const char of text) folded += char.toLowerCase();
  return folded.normalize('NFC');
}

class Lexer {
  private readonly source: string;
  private readonly tokens: Token[] = [];
  private at = 0;

  constructor(source: string) {
    this.source = source;
  }

  run(): Token[] {
    for (;;) {
      this.skipBlanks();
      if (this.at >= this.source.length) break;
      this.next();
    }
    this.push('eof', '', this.source.length);
    return this.tokens;
  }

  private push(type: TokenType, value: string, start: number): void {
    this.tokens.push({ type, value, start, end: this.at });
  }

  private code(at: number): number {
    // NaN past the end compares false with everything.
    return this.source.charCodeAt(at);
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.code(this.at);
      if (isSpace(code)) this.at++;
      else if (code === CODE.minus && this.code(this.at + 1) === CODE.minus) {
        const lineEnd = this.source.indexOf('\n', this.at);
        this.at = lineEnd < 0 ? this.source.length : lineEnd + 1;
      } else if (code === CODE.slash && this.code(this.at + 1) === CODE.star) this.skipComment();
      else return;
    }
  }

  private skipComment(): void {
    const start = this.at;
    let depth = 0;
    let at = start;
    while (at < this.source.length) {
      const code = this.code(at);
      if (code === CODE.slash && this.code(at + 1) === CODE.star) {
        depth++;
        at += 2;
      } else if (code === CODE.star && this.code(at + 1) === CODE.slash) {
        depth--;
        at += 2;
        if (depth === 0) {
          this.at = at;
          return;
        }
      } else at++;
    }
    throw lexicalError(this.source, start, 'unterminated comment');
  }

  private next(): void {
    const start = this.at;
    const code = this.code(start);
    const char = this.source.charAt(start);
    if (isIdentifierStart(code)) this.wordOrPrefixed(start);
    else if (isDigit(code) || (code === CODE.dot && isDigit(this.code(start + 1)))) {
      this.number(start);
    } else if (code === CODE.quote) this.string(start, start);
    else if (code === CODE.doubleQuote) this.quoted(start);
    else if (code === CODE.dollar) this.dollar(start);
    else if (char === ':' && this.code(start + 1) === CODE.colon) this.casts(start);
    else if (PUNCTUATION.has(char)) {
      this.at++;
      this.push('punct', char, start);
    } else if (OPERATOR_START.has(char)) this.operator(start);
    else throw lexicalError(this.source, start, `invalid character ${JSON.stringify(char)}`);
  }

  private casts(start: number): void {
    this.at += this.code(start + 2) === CODE.colon ? 3 : 2;
    this.push('op', this.source.slice(start, this.at), start);
  }

  private operator(start: number): void {
    for (const [length, operators] of OPERATORS_BY_LENGTH) {
      const text = this.source.substr(start, length);
      if (text.length === length && operators.has(text) && !this.hidesComment(text, start)) {
        this.at += length;
        this.push('op', text, start);
        return;
      }
    }
    this.at++;
    this.push('op', this.source.charAt(start), start);
  }

  /** `//*` is `/` and a comment; `//` alone is an operator. */
  private hidesComment(text: string, start: number): boolean {
    return text === '//' && this.code(start + 2) === CODE.star;
  }

  private wordOrPrefixed(start: number): void {
    if (this.code(start + 1) === CODE.quote) {
      const prefix = this.source.charAt(start);
      if (prefix === 'e' || prefix === 'E') {
        this.escaped(start, 'string');
        return;
      }
      if (prefix === 'b') {
        this.escaped(start, 'bytes');
        return;
      }
      if (prefix === 'x' || prefix === 'X') {
        this.hexBytes(start);
        return;
      }
      if (prefix === 'B') {
        this.bits(start);
        return;
      }
    }
    let at = start + 1;
    let ascii = this.code(start) < 0x80;
    while (at < this.source.length) {
      const code = this.code(at);
      if (!isIdentifierPart(code)) break;
      if (code >= 0x80) ascii = false;
      at++;
    }
    this.at = at;
    const text = this.source.slice(start, at);
    this.push('word', ascii ? text.toLowerCase() : foldUnicode(text), start);
  }

  private number(start: number): void {
    const { source } = this;
    let at = start;
    const isHex = this.code(at) === CODE.zero && (this.code(at + 1) | 0x20) === 120;
    if (isHex) {
      at += 2;
      while (isHexDigit(this.code(at))) at++;
      if (at === start + 2) {
        throw lexicalError(source, start, 'invalid hexadecimal numeric literal');
      }
    } else {
      while (isDigit(this.code(at))) at++;
      // `1..2` and `1.a` are not fractions, but `1.` is one.
      if (this.code(at) === CODE.dot && this.code(at + 1) !== CODE.dot) {
        at++;
        while (isDigit(this.code(at))) at++;
      }
      at = this.exponent(start, at);
    }
    this.at = at;
    this.push('number', source.slice(start, at), start);
  }

  private exponent(start: number, at: number): number {
    if ((this.code(at) | 0x20) !== 101) return at;
    let digits = at + 1;
    if (this.code(digits) === CODE.plus || this.code(digits) === CODE.minus) digits++;
    if (!isDigit(this.code(digits))) {
      throw lexicalError(this.source, start, 'invalid floating point literal');
    }
    while (isDigit(this.code(digits))) digits++;
    return digits;
  }

  /** Moves past a quoted text; `undefined` when it does not end. */
  private closing(quote: string, from: number, reason: string, start: number): number {
    const at = this.source.indexOf(quote, from);
    if (at < 0) throw lexicalError(this.source, start, reason);
    return at;
  }

  private string(start: number, open: number): void {
    let value = '';
    let from = open + 1;
    for (;;) {
      const close = this.closing("'", from, 'unterminated string', start);
      value += this.source.slice(from, close);
      this.at = close + 1;
      if (this.code(this.at) !== CODE.quote) break;
      value += "'";
      from = close + 2;
    }
    this.push('string', value, start);
  }

  private quoted(start: number): void {
    let value = '';
    let from = start + 1;
    for (;;) {
      const close = this.closing('"', from, 'unterminated quoted identifier', start);
      value += this.source.slice(from, close);
      this.at = close + 1;
      if (this.code(this.at) !== CODE.doubleQuote) break;
      value += '"';
      from = close + 2;
    }
    this.push('quoted', value.normalize('NFC'), start);
  }

  private dollar(start: number): void {
    const { source } = this;
    let at = start + 1;
    while (isDigit(this.code(at))) at++;
    if (at > start + 1) {
      this.at = at;
      this.push('placeholder', source.slice(start + 1, at), start);
      return;
    }
    if (isIdentifierStart(this.code(at))) {
      while (isIdentifierStart(this.code(at)) || isDigit(this.code(at))) at++;
    }
    if (this.code(at) !== CODE.dollar) {
      throw lexicalError(source, start, 'invalid character "$"');
    }
    const tag = source.slice(start, at + 1);
    const close = this.closing(tag, at + 1, 'unterminated string', start);
    this.at = close + tag.length;
    const value = source.slice(at + 1, close);
    this.push('string', value, start);
  }

  /** e'…' and b'…': backslash escapes; b'…' gives bytes. */
  private escaped(start: number, type: 'string' | 'bytes'): void {
    const { source } = this;
    const bytes: Uint8Array[] = [];
    let from = start + 2;
    let at = from;
    for (;;) {
      const code = this.code(at);
      if (Number.isNaN(code)) throw lexicalError(source, start, 'unterminated string');
      if (code === CODE.quote && this.code(at + 1) !== CODE.quote) break;
      if (code === CODE.quote) {
        bytes.push(Buffer.from(source.slice(from, at + 1)));
        at += 2;
        from = at;
      } else if (code === CODE.backslash) {
        bytes.push(Buffer.from(source.slice(from, at)));
        const decoded = this.escape(at, start, type);
        bytes.push(decoded.bytes);
        at = decoded.end;
        from = at;
      } else at++;
    }
    bytes.push(Buffer.from(source.slice(from, at)));
    this.at = at + 1;
    const all = Buffer.concat(bytes);
    if (type === 'bytes') {
      this.push('bytes', all.toString('hex'), start);
      return;
    }
    let value: string;
    try {
      value = UTF8.decode(all);
    } catch {
      throw lexicalError(source, start, 'invalid UTF-8 byte sequence');
    }
    this.push('string', value, start);
  }

  private escape(
    at: number,
    start: number,
    type: 'string' | 'bytes',
  ): { bytes: Uint8Array; end: number } {
    const { source } = this;
    const char = source.charAt(at + 1);
    const simple = SIMPLE_ESCAPES.get(char);
    if (simple !== undefined) return { bytes: Uint8Array.of(simple), end: at + 2 };
    const rest = source.slice(at + 1, at + 10);
    const byte = /^x([0-9a-f]{2})/i.exec(rest)?.[1];
    if (byte !== undefined) {
      return { bytes: Uint8Array.of(Number.parseInt(byte, 16)), end: at + 4 };
    }
    const octal = /^[0-3][0-7]{2}/.exec(rest)?.[0];
    if (octal !== undefined) {
      return { bytes: Uint8Array.of(Number.parseInt(octal, 8)), end: at + 4 };
    }
    const unicode =
      type === 'string' ? /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest) : null;
    if (unicode !== null) {
      const codePoint = Number.parseInt(rest.slice(1, unicode[0].length), 16);
      if (codePoint <= 0x10ffff && (codePoint & ~0x7ff) !== 0xd800) {
        const bytes = Buffer.from(String.fromCodePoint(codePoint));
        return { bytes, end: at + 1 + unicode[0].length };
      }
    }
    if (char === '') throw lexicalError(source, start, 'unterminated string');
    // PostgreSQL and CockroachDB both keep the character of an escape that means nothing, where it can't be a mistyped
    // number: those are errors.
    if (/[xuU0-7]/.test(char)) throw lexicalError(source, at, 'invalid escape sequence');
    const whole = String.fromCodePoint(source.codePointAt(at + 1) ?? 0);
    return { bytes: Buffer.from(whole), end: at + 1 + whole.length };
  }

  private hexBytes(start: number): void {
    const close = this.closing("'", start + 2, 'unterminated string', start);
    const digits = this.source.slice(start + 2, close);
    if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
      throw lexicalError(this.source, start, 'invalid hexadecimal bytes literal');
    }
    this.at = close + 1;
    this.push('bytes', digits.toLowerCase(), start);
  }

  private bits(start: number): void {
    const close = this.closing("'", start + 2, 'unterminated string', start);
    const digits = this.source.slice(start + 2, close);
    const wrong = /[^01]/.exec(digits);
    if (wrong !== null) {
      throw lexicalError(
        this.source,
        start,
        `${JSON.stringify(wrong[0])} is not a valid binary digit`,
      );
    }
    this.at = close + 1;
    this.push('bits', digits, start);
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const SIMPLE_ESCAPES = new Map<string, number>([
  ['a', 7],
  ['b', 8],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
  ['"', 34],
  ["'", 39],
  ['\\', 92],
]);
