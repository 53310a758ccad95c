import { printable } from './printable';
import { NULL_TEXT } from './result-writer';

/** One line of a value, and the columns of a terminal that it takes. */
export interface CellLine {
  readonly text: string;
  readonly width: number;
}

const PLAIN = /^[\x20-\x7e]*$/;
const TAB_WIDTH = 8;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Code points that terminals draw over two columns: East Asian wide and full-width, and pictures. */
const DOUBLE_WIDTH =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])$/u;

export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!NO_WIDTH.test(character)) width += DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}

/** The lines that show a value; at least one. */
export function cellLines(value: string | null): readonly CellLine[] {
  const text = value ?? NULL_TEXT;
  if (PLAIN.test(text)) return [{ text, width: text.length }];
  return printable(text)
    .split('\n')
    .map((line) => {
      const expanded = expandTabs(line);
      return { text: expanded, width: textWidth(expanded) };
    });
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let result = '';
  for (const piece of line.split(/(\t)/)) {
    result += piece === '\t' ? ' '.repeat(TAB_WIDTH - (textWidth(result) % TAB_WIDTH)) : piece;
  }
  return result;
}
