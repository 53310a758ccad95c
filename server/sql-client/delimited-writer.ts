import { type Column, NULL_TEXT, type ResultWriter, type Row } from './result-writer';
import type { TextOutput } from './text-output';

/**
 * CSV with the quoting of RFC 4180, and the same with tabs. Lines end with LF, as those of `cockroach sql` and psql do.
 * NULL is a bare NULL; the text NULL is quoted, which tells the two apart.
 */
export class DelimitedWriter implements ResultWriter {
  private readonly output: TextOutput;
  private readonly separator: ',' | '\t';
  private readonly special: RegExp;

  constructor(output: TextOutput, separator: ',' | '\t') {
    this.output = output;
    this.separator = separator;
    this.special = separator === ',' ? /[",\r\n]/ : /["\t\r\n]/;
  }

  begin(columns: readonly Column[]): void {
    this.row(columns.map(({ name }) => name));
  }

  row(values: Row): void {
    let line = '';
    for (let i = 0; i < values.length; i++) {
      if (i > 0) line += this.separator;
      const value = values[i] ?? null;
      line += value === null ? NULL_TEXT : this.field(value, values.length);
    }
    this.output.write(`${line}\n`);
  }

  end(): void {}

  private field(value: string, columnCount: number): string {
    // A line with nothing on it would be no record to most readers.
    if (value === '') return columnCount === 1 ? '""' : '';
    if (value !== NULL_TEXT && !this.special.test(value)) return value;
    return `"${value.replaceAll('"', '""')}"`;
  }
}
