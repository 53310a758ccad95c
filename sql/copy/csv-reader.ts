import { SqlError } from '../../base/errors';
import type { CopyOptions } from './options';
import { CharacterReader, checkRowLength, type RawRow, type RowReader } from './row-reader';

/**
 * CSV: records end at a newline outside of quotes; a quote within quotes is written twice, or after the escape character. A line of
 * `\.` ends the data.
 */
export class CsvReader implements RowReader {
  private readonly options: CopyOptions;
  private readonly names: readonly string[];
  private readonly notNull: ReadonlySet<number>;
  private readonly alsoNull: ReadonlySet<number>;
  private readonly characters = new CharacterReader();
  private pending = '';
  /** How far the record that has not ended was looked at, and what was found. */
  private searched = 0;
  private inQuotes = false;
  private line = 0;
  private headerDue: boolean;
  private ended = false;

  /** @param names of the columns that are read */
  constructor(options: CopyOptions, names: readonly string[]) {
    this.options = options;
    this.names = names;
    this.headerDue = options.header !== false;
    const positions = (list: readonly string[]): Set<number> =>
      new Set(list.map((name) => names.indexOf(name)));
    this.notNull = positions(options.forceNotNull);
    this.alsoNull = positions(options.forceNull);
  }

  read(chunk: Uint8Array): RawRow[] {
    const rows: RawRow[] = [];
    this.pending += this.characters.read(chunk, false);
    for (let end = this.endOfRecord(); end >= 0; end = this.endOfRecord()) {
      const record = this.pending.slice(0, end);
      this.pending = this.pending.slice(end + 1);
      this.searched = 0;
      this.take(record, rows);
    }
    checkRowLength(this.pending.length);
    return rows;
  }

  finish(): RawRow[] {
    const rows: RawRow[] = [];
    const last = this.pending + this.characters.read(new Uint8Array(0), true);
    this.pending = '';
    if (this.inQuotes && !this.ended) {
      throw new SqlError('badCopyFileFormat', 'unterminated CSV quoted field');
    }
    if (last !== '') this.take(last, rows);
    return rows;
  }

  /** Offset of the newline that ends the first record; -1: it has not ended. */
  private endOfRecord(): number {
    const { quote, escapeCharacter } = this.options;
    const text = this.pending;
    let at = this.searched;
    for (; at < text.length; at++) {
      const character = text[at];
      if (this.inQuotes && character === escapeCharacter && escapeCharacter !== quote) {
        // What it escapes has not come yet.
        if (at + 1 === text.length) break;
        if (text[at + 1] === quote || text[at + 1] === escapeCharacter) at++;
      } else if (character === quote) this.inQuotes = !this.inQuotes;
      else if (character === '\n') {
        this.line++;
        if (!this.inQuotes) return at;
      }
    }
    this.searched = at;
    return -1;
  }

  private take(record: string, rows: RawRow[]): void {
    if (this.ended) return;
    const text = record.endsWith('\r') ? record.slice(0, -1) : record;
    if (text === '\\.') {
      this.ended = true;
      return;
    }
    const fields = this.fields(text);
    if (!this.headerDue) {
      rows.push({ fields, line: Math.max(1, this.line) });
      return;
    }
    this.headerDue = false;
    if (this.options.header === 'match') this.checkHeader(fields);
  }

  private checkHeader(fields: readonly (string | null)[]): void {
    const { names } = this;
    if (fields.length !== names.length) {
      throw new SqlError(
        'badCopyFileFormat',
        `wrong number of fields in header line: got ${fields.length}, expected ${names.length}`,
      );
    }
    for (const [i, name] of names.entries()) {
      const found = fields[i] ?? '';
      if (found === name) continue;
      throw new SqlError(
        'badCopyFileFormat',
        `column name mismatch in header line field ${i + 1}: got "${found}", expected "${name}"`,
      );
    }
  }

  private fields(record: string): (string | null)[] {
    const { quote, delimiter } = this.options;
    const fields: (string | null)[] = [];
    if (!record.includes(quote)) {
      for (const text of record.split(delimiter))
        fields.push(this.value(text, false, fields.length));
      return fields;
    }
    let at = 0;
    while (at <= record.length) {
      const { text, quoted, end } = this.field(record, at);
      fields.push(this.value(text, quoted, fields.length));
      at = end + 1;
    }
    return fields;
  }

  /** The field that begins at `from`; its end is the delimiter's place. */
  private field(record: string, from: number): { text: string; quoted: boolean; end: number } {
    const { quote, escapeCharacter, delimiter } = this.options;
    let text = '';
    let quoted = false;
    let inQuotes = false;
    let at = from;
    for (; at < record.length; at++) {
      const character = record[at] as string;
      const next = record[at + 1];
      if (
        inQuotes &&
        character === escapeCharacter &&
        (next === quote || next === escapeCharacter)
      ) {
        text += next;
        at++;
      } else if (character === quote) {
        inQuotes = !inQuotes;
        quoted = true;
      } else if (character === delimiter && !inQuotes) break;
      else text += character;
    }
    return { text, quoted, end: at };
  }

  private value(text: string, quoted: boolean, position: number): string | null {
    if (text !== this.options.nullText) return text;
    if (quoted) return this.alsoNull.has(position) ? null : text;
    return this.notNull.has(position) ? text : null;
  }
}
