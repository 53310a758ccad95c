import type { ByteWriter } from '../../base/byte-writer';
import { compileBinaryEncoder } from '../../catalog/types/binary';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { compileTextEncoder, type TextSettings } from '../../catalog/types/text';
import type { CopyOptions } from './options';

/** Rows of COPY … TO: what is in a CopyData message. */

/** Writes one row, without the message's head. */
export type CopyRowEncoder = (out: ByteWriter, values: readonly Repr[]) => void;

const NULL_LENGTH = -1;

export function compileCopyRow(
  types: readonly SqlType[],
  options: CopyOptions,
  names: readonly string[],
  settings: TextSettings,
): CopyRowEncoder {
  if (options.format === 'binary') return binaryRow(types);
  const encoders = types.map((type) => compileTextEncoder(type, settings));
  const fieldOf = options.format === 'csv' ? csvField(options, names) : textField(options);
  const { delimiter, nullText } = options;
  return (out, values) => {
    for (let i = 0; i < encoders.length; i++) {
      if (i > 0) out.utf8(delimiter);
      const value = values[i] ?? null;
      out.utf8(value === null ? nullText : fieldOf(encoders[i]?.(value) ?? '', i));
    }
    out.u8(0x0a);
  };
}

/** The line of names at the beginning. */
export function headerLine(names: readonly string[], options: CopyOptions): string {
  const fieldOf =
    options.format === 'csv' ? csvField({ ...options, forceQuote: [] }, names) : textField(options);
  return `${names.map((name, i) => fieldOf(name, i)).join(options.delimiter)}\n`;
}

function binaryRow(types: readonly SqlType[]): CopyRowEncoder {
  const encoders = types.map(compileBinaryEncoder);
  return (out, values) => {
    out.i16be(encoders.length);
    for (let i = 0; i < encoders.length; i++) {
      const at = out.length;
      out.i32be(NULL_LENGTH);
      const value = values[i] ?? null;
      if (value === null) continue;
      encoders[i]?.(out, value);
      out.sizedFrom(at);
    }
  };
}

const LETTERS: { readonly [character: string]: string } = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
};

type FieldText = (text: string, column: number) => string;

function inClass(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&');
}

function textField({ delimiter }: CopyOptions): FieldText {
  const special = new RegExp(`[\\\\\\b\\f\\n\\r\\t\\v${inClass(delimiter)}]`);
  const every = new RegExp(special, 'g');
  return (text) =>
    special.test(text)
      ? text.replace(every, (character) => `\\${LETTERS[character] ?? character}`)
      : text;
}

function csvField(options: CopyOptions, names: readonly string[]): FieldText {
  const { delimiter, quote, escapeCharacter, nullText, forceQuote } = options;
  const special = new RegExp(`[\\n\\r${inClass(delimiter)}${inClass(quote)}]`);
  const escaped = new RegExp(`[${inClass(quote)}${inClass(escapeCharacter)}]`, 'g');
  const forced = names.map((name) => forceQuote === '*' || forceQuote.includes(name));
  const alone = names.length === 1;
  return (text, column) => {
    const needed =
      forced[column] === true ||
      text === nullText ||
      special.test(text) ||
      // It would end the data.
      (alone && text === '\\.');
    if (!needed) return text;
    return quote + text.replace(escaped, (character) => escapeCharacter + character) + quote;
  };
}
