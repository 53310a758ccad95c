import type { Edit } from './position-map';
import { isOp, isPunct, isWord, type Token } from './token';
import { isListOfAny } from './tuples';

/** What stands behind ANY, SOME and ALL: PostgreSQL wants exactly one operand there, in parentheses. */

const CLOSING: { readonly [open: string]: string } = { '(': ')', '[': ']' };

/** @param at index of ANY, SOME or ALL */
export function editsOfAny(tokens: readonly Token[], at: number, to: number): Edit[] {
  const open = tokens[at + 1];
  if (open === undefined) return [];
  const close = isListOfAny(tokens, at, to);
  if (close !== undefined) return [insert(open.end, '('), insert(close.start, ')')];
  const last = tokens[endOfBareOperand(tokens, at, to) - 1];
  if (last === undefined || last.end <= open.start) return [];
  return [insert(open.start, '('), insert(last.end, ')')];
}

const insert = (offset: number, text: string): Edit => ({ start: offset, end: offset, text });

/**
 * `= ANY ARRAY[1, 2]:::INT8[]` and `= ANY tags`, as descriptors keep them.
 * @returns index after the operand; 0: there is none without parentheses
 */
function endOfBareOperand(tokens: readonly Token[], at: number, to: number): number {
  const follows = tokens[at - 1];
  const isOperator = follows?.type === 'op' || isWord(follows, 'like') || isWord(follows, 'ilike');
  const first = tokens[at + 1];
  if (!isOperator || first === undefined || at + 1 >= to) return 0;
  if (first.type === 'punct' || first.type === 'op' || first.type === 'eof') return 0;
  let end = isName(first) ? endOfName(tokens, at + 1) : at + 2;
  if (isPunct(tokens[end], '(')) end = afterBrackets(tokens, end, to);
  for (;;) {
    const token = tokens[end];
    if (isPunct(token, '[')) end = afterBrackets(tokens, end, to);
    else if (isOp(token, '::') || isOp(token, ':::')) end = endOfType(tokens, end + 1, to);
    else if (isWord(token, 'collate')) end = endOfName(tokens, end + 1);
    else return Math.min(end, to);
  }
}

function endOfType(tokens: readonly Token[], start: number, to: number): number {
  const end = isOp(tokens[start], '@') ? start + 2 : endOfName(tokens, start);
  return isPunct(tokens[end], '(') ? afterBrackets(tokens, end, to) : end;
}

const isName = (token: Token | undefined): boolean =>
  token?.type === 'word' || token?.type === 'quoted';

/** Index after `a.b.c`. */
function endOfName(tokens: readonly Token[], start: number): number {
  let end = start + 1;
  while (isPunct(tokens[end], '.') && isName(tokens[end + 1])) end += 2;
  return end;
}

function afterBrackets(tokens: readonly Token[], start: number, to: number): number {
  const open = tokens[start]?.value ?? '';
  let depth = 0;
  for (let i = start; i < to; i++) {
    if (isPunct(tokens[i], open)) depth++;
    else if (isPunct(tokens[i], CLOSING[open] ?? '') && --depth === 0) return i + 1;
  }
  return to;
}
