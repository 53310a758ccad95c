import { utf8Text } from '../../base/utf8';
import type { CopyOptions } from './options';
import { CharacterReader, checkRowLength, type RawRow, type RowReader } from './row-reader';

/**
 * The text format: a line a row, fields between delimiters, `\` before what has a meaning. A line of `\.` ends the data.
 */
export class TextReader implements RowReader {
  private readonly delimiter: string;
  private readonly nullText: string;
  private readonly characters = new CharacterReader();
  /** The line that has not ended. */
  private pending = '';
  /** As much of it is known to hold no end. */
  private searched = 0;
  private line = 0;
  private skipsFirst: boolean;
  private ended = false;

  constructor({ delimiter, nullText, header }: CopyOptions) {
    this.delimiter = delimiter;
    this.nullText = nullText;
    this.skipsFirst = header !== false;
  }

  read(chunk: Uint8Array): RawRow[] {
    const rows: RawRow[] = [];
    const text = this.pending + this.characters.read(chunk, false);
    let from = 0;
    let search = this.searched;
    for (let end = text.indexOf('\n', search); end >= 0; end = text.indexOf('\n', search)) {
      search = end + 1;
      if (isEscaped(text, end, from)) {
        this.line++;
        continue;
      }
      this.take(text.slice(from, end), rows);
      from = search;
    }
    checkRowLength(text.length - from);
    this.pending = text.slice(from);
    this.searched = this.pending.length;
    return rows;
  }

  finish(): RawRow[] {
    const rows: RawRow[] = [];
    const last = this.pending + this.characters.read(new Uint8Array(0), true);
    this.pending = '';
    if (last !== '') this.take(last, rows);
    return rows;
  }

  private take(withReturn: string, rows: RawRow[]): void {
    this.line++;
    if (this.ended) return;
    const line = withReturn.endsWith('\r') ? withReturn.slice(0, -1) : withReturn;
    if (line === '\\.') this.ended = true;
    else if (this.skipsFirst) this.skipsFirst = false;
    else rows.push({ fields: this.fields(line), line: this.line });
  }

  private fields(line: string): (string | null)[] {
    const { nullText } = this;
    if (!line.includes('\\')) {
      const fields: (string | null)[] = line.split(this.delimiter);
      for (let i = 0; i < fields.length; i++) if (fields[i] === nullText) fields[i] = null;
      return fields;
    }
    const fields: (string | null)[] = [];
    let from = 0;
    for (let at = 0; at <= line.length; at++) {
      const character = line[at];
      // A backslash at the very end stands for itself.
      if (character === '\\' && at + 1 < line.length) at++;
      else if (at === line.length || character === this.delimiter) {
        const raw = line.slice(from, at);
        fields.push(raw === nullText ? null : unescaped(raw));
        from = at + 1;
      }
    }
    return fields;
  }
}

/** An odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number, from: number): boolean {
  let count = 0;
  while (at - count > from && text.charCodeAt(at - count - 1) === 0x5c) count++;
  return count % 2 === 1;
}

const NAMED: { readonly [letter: string]: string } = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g;
const NUMBERED = /\\(?:[0-7]|x[0-9a-fA-F])/;

/** @throws SqlError 22021 numbers that are no UTF-8 */
function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  if (!NUMBERED.test(raw)) {
    return raw.replaceAll(/\\([\s\S])/g, (_, letter: string) => NAMED[letter] ?? letter);
  }
  // Numbers are bytes, of which several may make one character.
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of raw.matchAll(ESCAPE)) {
    parts.push(Buffer.from(raw.slice(from, match.index)), escapedBytes(match[1] ?? ''));
    from = match.index + match[0].length;
  }
  parts.push(Buffer.from(raw.slice(from)));
  return utf8Text(Buffer.concat(parts));
}

function escapedBytes(letters: string): Buffer {
  if (/^[0-7]/.test(letters)) return Buffer.of(Number.parseInt(letters, 8) & 0xff);
  if (/^x./.test(letters)) return Buffer.of(Number.parseInt(letters.slice(1), 16));
  return Buffer.from(NAMED[letters] ?? letters);
}
