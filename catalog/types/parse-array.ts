import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { arrayToRepr } from './array';
import type { Repr, SqlType } from './sql-type';
import { messageTypeName } from './type-name';

/** Array literals `{1,NULL,"a b"}` and tuple literals `(1,"a b",)`. */

class LiteralError extends Error {}

interface Item {
  readonly text: string;
  readonly quoted: boolean;
}

class Scanner {
  private readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  skipSpace(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  peek(): string {
    return this.text[this.position] ?? '';
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** After the opening quote, up to the closing one; a doubled quote is one when `doubles`. */
  quoted(doubles: boolean): string {
    let value = '';
    for (;;) {
      if (this.atEnd) throw new LiteralError('malformed array');
      const character = this.peek();
      this.position++;
      if (character === '\\') {
        value += this.peek();
        this.position++;
      } else if (character === '"') {
        if (!doubles || this.peek() !== '"') return value;
        value += '"';
        this.position++;
      } else value += character;
    }
  }

  /** Up to one of the stop characters, with backslash escapes. */
  bare(stops: string): string {
    let value = '';
    while (!this.atEnd && !stops.includes(this.peek())) {
      if (this.peek() === '\\') this.position++;
      value += this.peek();
      this.position++;
    }
    return value;
  }
}

function arrayItems(text: string, separator: string): Item[] {
  const scanner = new Scanner(text.trim());
  if (scanner.peek() !== '{') throw new LiteralError('array must be enclosed in { and }');
  scanner.position++;
  const items: Item[] = [];
  scanner.skipSpace();
  if (scanner.peek() === '}') scanner.position++;
  else
    for (;;) {
      scanner.skipSpace();
      if (scanner.peek() === '{') throw new LiteralError('nested arrays not supported');
      if (scanner.peek() === '"') {
        scanner.position++;
        items.push({ text: scanner.quoted(false), quoted: true });
        scanner.skipSpace();
      } else {
        const bare = scanner.bare(`${separator}{}"`).trimEnd();
        if (bare === '') throw new LiteralError('malformed array');
        items.push({ text: bare, quoted: false });
      }
      const next = scanner.peek();
      scanner.position++;
      if (next === '}') break;
      if (next !== separator)
        throw new LiteralError(
          next === '' ? 'array must be enclosed in { and }' : 'malformed array',
        );
    }
  if (!scanner.atEnd) throw new LiteralError('extra text after closing right brace');
  return items;
}

function tupleItems(text: string): (string | null)[] {
  const scanner = new Scanner(text.trim());
  if (scanner.peek() !== '(') throw new LiteralError('record must be enclosed in ( and )');
  scanner.position++;
  const items: (string | null)[] = [];
  for (;;) {
    let value: string | null = null;
    while (!scanner.atEnd && scanner.peek() !== ',' && scanner.peek() !== ')') {
      if (scanner.peek() === '"') {
        scanner.position++;
        value = (value ?? '') + scanner.quoted(true);
      } else value = (value ?? '') + scanner.bare(',)"');
    }
    items.push(value);
    const next = scanner.peek();
    scanner.position++;
    if (next === ')') break;
    if (next === '') throw new LiteralError('record must be enclosed in ( and )');
  }
  if (!scanner.atEnd) throw new LiteralError('extra text after closing right parenthesis');
  return items;
}

type Decode = (text: string) => Repr;

/** Adds which array the failing text was part of. */
function reporting(type: SqlType, text: string, parse: () => Uint8Array): Uint8Array {
  try {
    return parse();
  } catch (error) {
    const isOurs = error instanceof LiteralError;
    if (!isOurs && !(error instanceof SqlError && error.sqlstate === '22P02')) throw error;
    throw new SqlError(
      'invalidTextRepresentation',
      `could not parse "${text}" as type ${messageTypeName(type)}: ${error.message}`,
    );
  }
}

export function compileArrayDecoder(type: SqlType, element: Decode): Decode {
  const family = type.element?.family;
  const separator = family === 'geometry' || family === 'geography' ? ':' : ',';
  return (text) =>
    reporting(type, text, () => {
      const values = arrayItems(text, separator).map((item) =>
        !item.quoted && item.text.toLowerCase() === 'null' ? null : element(item.text),
      );
      return arrayToRepr(type, values);
    });
}

export function compileTupleDecoder(type: SqlType, fields: readonly Decode[]): Decode {
  return (text) =>
    reporting(type, text, () => {
      const items = tupleItems(text);
      if (items.length !== fields.length)
        throw new LiteralError(`expected ${fields.length} columns, got ${items.length}`);
      const values = items.map((item, i) => {
        const decode = fields[i];
        invariant(decode !== undefined, 'counted above');
        return item === null ? null : decode(item);
      });
      return arrayToRepr(type, values);
    });
}
