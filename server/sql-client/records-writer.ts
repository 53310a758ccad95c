import { type CellLine, cellLines } from './cell';
import type { Column, ResultWriter, Row } from './result-writer';
import type { TextOutput } from './text-output';

/** One block a row, one line a column. */
export class RecordsWriter implements ResultWriter {
  private readonly output: TextOutput;
  private names: readonly CellLine[] = [];
  private nameWidth = 0;
  private rowCount = 0;

  constructor(output: TextOutput) {
    this.output = output;
  }

  begin(columns: readonly Column[]): void {
    this.names = columns.map(({ name }) => {
      const lines = cellLines(name);
      return {
        text: lines.map((line) => line.text).join(' '),
        width: lines.reduce((sum, line) => sum + line.width + 1, -1),
      };
    });
    this.nameWidth = Math.max(0, ...this.names.map((name) => name.width));
    this.rowCount = 0;
  }

  row(values: Row): void {
    this.rowCount++;
    let text = `-[ RECORD ${this.rowCount} ]\n`;
    for (let i = 0; i < values.length; i++) {
      let name = this.names[i];
      for (const line of cellLines(values[i] ?? null)) {
        const padding = ' '.repeat(this.nameWidth - (name?.width ?? 0));
        text += `${name?.text ?? ''}${padding} | ${line.text}\n`;
        name = undefined;
      }
    }
    this.output.write(text);
  }

  end(): void {}
}
