import { notSupported, SqlError } from '../../base/errors';

/**
 * Regular expressions in RE2's syntax, which CockroachDB has from Go, as JavaScript's.
 * Source: https://github.com/google/re2/wiki/Syntax. What JavaScript can not do is refused, never read differently.
 */

const REPEAT_MAX = 1000;
const NESTING_MAX = 200;

function invalid(reason: string, piece: string): SqlError {
  return new SqlError('invalidRegularExpression', `error parsing regexp: ${reason}: \`${piece}\``);
}

const SPACE = '\\t\\n\\f\\r ';
const NOT_SPACE = '\\x00-\\x08\\x0b\\x0e-\\x1f\\x21-\\u{10FFFF}';

/** ASCII classes, as the inside of a bracket. */
const POSIX: { readonly [name: string]: string } = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const CONTROL: { readonly [letter: string]: string } = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
};

/** A character that stands for itself, outside of brackets or in them. */
const literal = (c: string): string => (/[\\^$.*+?()[\]{}|/]/.test(c) ? `\\${c}` : c);
const literalInClass = (c: string): string => (/[\\\]^[/-]/.test(c) ? `\\${c}` : c);

interface Flags {
  /** `.` matches a newline. */
  dotAll: boolean;
  /** `^` and `$` match at lines. */
  multiline: boolean;
}

class Translator {
  private readonly source: string;
  private position = 0;
  private ignoreCase: boolean;

  constructor(source: string, ignoreCase: boolean) {
    this.source = source;
    this.ignoreCase = ignoreCase;
  }

  translate(flags: Flags): { readonly source: string; readonly ignoreCase: boolean } {
    const body = this.alternatives({ ...flags }, 0);
    if (this.position < this.source.length) throw invalid('unexpected )', this.source);
    return { source: body, ignoreCase: this.ignoreCase };
  }

  private peek(): string {
    const code = this.source.codePointAt(this.position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  private take(): string {
    const c = this.peek();
    this.position += c.length;
    return c;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, 'uy');
    sticky.lastIndex = this.position;
    const found = sticky.exec(this.source);
    if (found === null) return undefined;
    this.position += found[0].length;
    return found;
  }

  /** Up to the end or a closing parenthesis. */
  private alternatives(flags: Flags, depth: number): string {
    if (depth > NESTING_MAX) throw invalid('expression nests too deeply', this.source);
    let out = '';
    // Whether there is something to repeat, and whether it was repeated already.
    let last: 'nothing' | 'item' | 'repeated' = 'nothing';
    while (this.position < this.source.length && this.peek() !== ')') {
      const start = this.position;
      const repeat = this.match(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/);
      if (repeat !== undefined) {
        out += this.repetition(repeat[0], last);
        last = 'repeated';
        continue;
      }
      const c = this.take();
      if (c === '|') {
        out += '|';
        last = 'nothing';
        continue;
      }
      const piece = c === '(' ? this.group(flags, depth, start) : this.item(c, flags);
      out += piece;
      if (piece !== '') last = 'item';
    }
    return out;
  }

  private repetition(text: string, last: 'nothing' | 'item' | 'repeated'): string {
    if (last === 'nothing') throw invalid('missing argument to repetition operator', text);
    if (last === 'repeated') throw invalid('invalid nested repetition operator', text);
    const [low, high] = (text.match(/\d+/g) ?? []).map(Number);
    if ((low ?? 0) > REPEAT_MAX || (high ?? 0) > REPEAT_MAX || (high ?? Infinity) < (low ?? 0))
      throw invalid('invalid repeat count', text);
    return text;
  }

  private group(flags: Flags, depth: number, start: number): string {
    const named = this.match(/\?P<([A-Za-z_]\w*)>/);
    const set = named === undefined ? this.match(/\?([imsU]*)(?:-([imsU]+))?([:)])/) : undefined;
    const inner = { ...flags };
    if (named === undefined && set === undefined && this.peek() === '?')
      throw invalid('invalid or unsupported Perl syntax', this.source.slice(start, start + 3));
    if (set !== undefined) {
      const [, on = '', off = '', end] = set;
      this.applyFlags(end === ')' ? flags : inner, on, off, start);
      if (end === ')') return '';
    }
    const open = named !== undefined ? `(?<${named[1]}>` : set !== undefined ? '(?:' : '(';
    const body = this.alternatives(inner, depth + 1);
    if (this.take() !== ')') throw invalid('missing closing )', this.source);
    return `${open}${body})`;
  }

  private applyFlags(flags: Flags, on: string, off: string, start: number): void {
    if (on.includes('U') || off.includes('U')) throw notSupported('the regexp flag U');
    if (on.includes('s')) flags.dotAll = true;
    if (off.includes('s')) flags.dotAll = false;
    if (on.includes('m')) flags.multiline = true;
    if (off.includes('m')) flags.multiline = false;
    const changes =
      (on.includes('i') && !this.ignoreCase) || (off.includes('i') && this.ignoreCase);
    if (!changes) return;
    // One flag for the whole expression is all that JavaScript has.
    if (start !== 0 || !this.source.startsWith('(?') || this.source[this.position - 1] === ':')
      throw notSupported('a regexp that changes case sensitivity inside of it');
    this.ignoreCase = on.includes('i');
  }

  private item(c: string, flags: Flags): string {
    switch (c) {
      case '.':
        return flags.dotAll ? '[\\s\\S]' : '[^\\n]';
      case '^':
        return flags.multiline ? '(?<![^\\n])' : '(?<![\\s\\S])';
      case '$':
        return flags.multiline ? '(?![^\\n])' : '(?![\\s\\S])';
      case '[':
        return this.bracket();
      case '\\':
        return this.escape();
      default:
        return literal(c);
    }
  }

  private escape(): string {
    const c = this.take();
    if (c === '') throw invalid('trailing backslash at end of expression', '');
    if (c === 'A') return '(?<![\\s\\S])';
    if (c === 'z') return '(?![\\s\\S])';
    if (c === 'b' || c === 'B') return `\\${c}`;
    if (c === 'Q') return this.quoted();
    const set = this.escapedSet(c);
    if (set !== undefined) return `[${set}]`;
    return this.escapedCharacter(c, literal);
  }

  private quoted(): string {
    const end = this.source.indexOf('\\E', this.position);
    const text = this.source.slice(this.position, end < 0 ? undefined : end);
    this.position = end < 0 ? this.source.length : end + 2;
    return Array.from(text, literal).join('');
  }

  /** `\d`, `\pL` …: the inside of a bracket. */
  private escapedSet(c: string): string | undefined {
    if (/[dDwW]/.test(c)) return `\\${c}`;
    if (c === 's') return SPACE;
    if (c === 'S') return NOT_SPACE;
    if (c !== 'p' && c !== 'P') return undefined;
    const name = this.match(/\{(\^?)(\w+)\}|()([A-Z])/);
    if (name === undefined) throw invalid('invalid character class range', `\\${c}`);
    const [, caret, long, , short] = name;
    const property = long ?? short ?? '';
    const negated = (c === 'P') !== (caret === '^');
    const text = property.length <= 2 ? property : `Script=${property}`;
    const made = `\\${negated ? 'P' : 'p'}{${text}}`;
    try {
      new RegExp(made, 'u');
    } catch {
      throw invalid('invalid character class range', `\\${c}{${property}}`);
    }
    return made;
  }

  private escapedCharacter(c: string, plain: (c: string) => string): string {
    const control = CONTROL[c];
    if (control !== undefined) return control;
    if (c === 'x') {
      const hex = this.match(/([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\}/);
      const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
      if (Number.isNaN(code) || code > 0x10ffff) throw invalid('invalid escape sequence', '\\x');
      return `\\u{${code.toString(16)}}`;
    }
    if (/[0-7]/.test(c)) {
      this.position -= 1;
      const octal = this.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/);
      if (octal === undefined) throw invalid('invalid escape sequence', `\\${c}`);
      return `\\u{${Number.parseInt(octal[0], 8).toString(16)}}`;
    }
    if (/^[0-9A-Za-z]$/.test(c) || c > '\x7f') throw invalid('invalid escape sequence', `\\${c}`);
    return plain(c);
  }

  private bracket(): string {
    const start = this.position - 1;
    let out = this.match(/\^/) === undefined ? '[' : '[^';
    let first = true;
    while (first || this.peek() !== ']') {
      first = false;
      const posix = this.match(/\[:(\^?)(\w+):\]/);
      if (posix !== undefined) {
        out += this.posix(posix[1] === '^', posix[2] ?? '', posix[0]);
        continue;
      }
      const c = this.take();
      if (c === '') throw invalid('missing closing ]', this.source.slice(start));
      if (c === '\\') {
        const escaped = this.take();
        out += this.escapedSet(escaped) ?? this.endOfRange(this.inClass(escaped));
      } else out += this.endOfRange(literalInClass(c));
    }
    this.take();
    return `${out}]`;
  }

  private inClass(c: string): string {
    return this.escapedCharacter(c, literalInClass);
  }

  /** `a-z`: what follows the hyphen, if it is a range. */
  private endOfRange(low: string): string {
    if (this.match(/-(?=[^\]])/) === undefined) return low;
    const c = this.take();
    const high = c === '\\' ? this.inClass(this.take()) : literalInClass(c);
    const range = `${low}-${high}`;
    try {
      new RegExp(`[${range}]`, 'u');
    } catch {
      throw invalid('invalid character class range', range);
    }
    return range;
  }

  private posix(negated: boolean, name: string, piece: string): string {
    const set = POSIX[name];
    if (set === undefined) throw invalid('invalid character class range', piece);
    if (negated) throw notSupported(`the character class ${piece}`);
    return set;
  }
}

/** @throws SqlError invalidRegularExpression (2201B) in Go's words, featureNotSupported */
export function compileRe2(
  source: string,
  options: { readonly ignoreCase: boolean; readonly dotAll: boolean; readonly multiline: boolean },
  global: boolean,
): RegExp {
  const translator = new Translator(source, options.ignoreCase);
  const made = translator.translate({ dotAll: options.dotAll, multiline: options.multiline });
  return new RegExp(made.source, `u${made.ignoreCase ? 'i' : ''}${global ? 'g' : ''}`);
}
