import type { Statement } from './ast';
import type { Token } from './token';

/**
 * A lexed statement, handed down so that pieces of it (expressions, sub-selects, bracketed statements) can be parsed where they
 * stand. A range is `[from, to)` in `tokens`; `tokens[to]` exists and is what an error at the range's end points at.
 */
export interface ParseContext {
  readonly source: string;
  readonly tokens: readonly Token[];
  /** How many statements this one stands in (EXPLAIN, PREPARE, brackets). */
  readonly nesting: number;
  /** Parses a whole statement; here and not imported, because statements contain queries and the other way round. */
  parseRange(context: ParseContext, from: number, to: number): Statement;
}

const CLOSING = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Index of the bracket that closes the one at `open`, or `to` when it is missing. */
export function closingBracket(tokens: readonly Token[], open: number, to: number): number {
  const expected: string[] = [];
  for (let i = open; i < to; i++) {
    const token = tokens[i];
    if (token === undefined || token.type !== 'punct') continue;
    const closing = CLOSING.get(token.value);
    if (closing !== undefined) expected.push(closing);
    else if (token.value === expected.at(-1)) {
      expected.pop();
      if (expected.length === 0) return i;
    }
  }
  return to;
}

/** Calls `visit` for each token of the range outside brackets; stops when it returns `false`. */
export function forEachTopLevel(
  context: ParseContext,
  from: number,
  to: number,
  visit: (token: Token, index: number) => boolean,
): void {
  for (let i = from; i < to; i++) {
    const token = context.tokens[i];
    if (token === undefined || !visit(token, i)) return;
    if (token.type === 'punct' && CLOSING.has(token.value)) {
      i = closingBracket(context.tokens, i, to);
    }
  }
}

/** Ranges between the top-level commas of a range. */
export function splitAtCommas(context: ParseContext, from: number, to: number): [number, number][] {
  const ranges: [number, number][] = [];
  let start = from;
  forEachTopLevel(context, from, to, (token, index) => {
    if (token.type === 'punct' && token.value === ',') {
      ranges.push([start, index]);
      start = index + 1;
    }
    return true;
  });
  ranges.push([start, to]);
  return ranges;
}

/** The text of a range as it was written. */
export function rangeText(context: ParseContext, from: number, to: number): string {
  const first = context.tokens[from];
  const last = context.tokens[to - 1];
  if (first === undefined || last === undefined || to <= from) return '';
  return context.source.slice(first.start, last.end);
}
