import { limits } from '../../base/limits';
import { type CellLine, cellLines } from './cell';
import type { Column, ResultWriter, Row } from './result-writer';
import type { TextOutput } from './text-output';

/**
 * An aligned table as psql draws it, numbers to the right; `+` marks a line of a value that goes on below.
 * Holds rows to see their widths; a long result is written in chunks, of which later ones may be wider.
 */
export class TableWriter implements ResultWriter {
  private readonly output: TextOutput;
  private columns: readonly Column[] = [];
  private widths: number[] = [];
  private rows: Row[] = [];
  private characters = 0;
  private rowCount = 0;
  private headerWritten = false;

  constructor(output: TextOutput) {
    this.output = output;
  }

  begin(columns: readonly Column[]): void {
    this.columns = columns;
    this.widths = columns.map(() => 0);
    this.rowCount = 0;
    this.headerWritten = false;
  }

  row(values: Row): void {
    this.rows.push(values);
    this.rowCount++;
    for (const value of values) this.characters += value?.length ?? 0;
    const { tableRowsHeldMax, tableCharactersHeldMax } = limits;
    if (this.rows.length >= tableRowsHeldMax || this.characters >= tableCharactersHeldMax) {
      this.writeRows();
    }
  }

  end(isComplete: boolean): void {
    if (isComplete || this.rows.length > 0) this.writeRows();
    if (!isComplete) return;
    this.output.write(`(${this.rowCount} ${this.rowCount === 1 ? 'row' : 'rows'})\n`);
  }

  private writeRows(): void {
    if (this.columns.length === 0) {
      this.rows = [];
      return;
    }
    const header = this.columns.map(({ name }) => cellLines(name));
    const rows = this.rows.map((row) => row.map(cellLines));
    this.rows = [];
    this.characters = 0;
    if (!this.headerWritten) this.widen(header);
    for (const row of rows) this.widen(row);
    if (!this.headerWritten) {
      this.headerWritten = true;
      this.writeRow(header);
      this.output.write(`${this.widths.map((width) => '-'.repeat(width + 2)).join('+')}\n`);
    }
    for (const row of rows) this.writeRow(row);
  }

  private widen(row: readonly (readonly CellLine[])[]): void {
    for (let i = 0; i < row.length; i++) {
      let width = this.widths[i] ?? 0;
      for (const line of row[i] ?? []) if (line.width > width) width = line.width;
      this.widths[i] = width;
    }
  }

  private writeRow(row: readonly (readonly CellLine[])[]): void {
    let height = 1;
    for (const cell of row) if (cell.length > height) height = cell.length;
    for (let lineIndex = 0; lineIndex < height; lineIndex++) {
      let text = '';
      for (let i = 0; i < row.length; i++) {
        if (i > 0) text += '|';
        const line = row[i]?.[lineIndex];
        const padding = ' '.repeat((this.widths[i] ?? 0) - (line?.width ?? 0));
        const isNumber = this.columns[i]?.isNumber === true;
        const cell = line?.text ?? '';
        text += isNumber ? ` ${padding}${cell}` : ` ${cell}${padding}`;
        text += lineIndex + 1 < (row[i]?.length ?? 0) ? '+' : ' ';
      }
      this.output.write(`${text.trimEnd()}\n`);
    }
  }
}
