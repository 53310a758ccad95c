import { isPunct, isWord, type Token } from './token';

/** CockroachDB's spellings of row values that PostgreSQL does not have, found by their tokens. */

/** `((1, 2) AS a, b)` and `(ROW(1) AS a)`, seen from AS. */
export interface LabelledTuple {
  /** Where PostgreSQL sees the row begin. */
  readonly start: number;
  readonly labels: readonly string[];
  /** Index after the last label. */
  readonly end: number;
}

/** Index of the bracket that the one at `close` closes; -1 when there is none from `first` on. */
function opening(tokens: readonly Token[], close: number, first: number): number {
  let depth = 0;
  for (let i = close; i >= first; i--) {
    const token = tokens[i];
    if (token?.type !== 'punct') continue;
    if (')]'.includes(token.value)) depth++;
    else if ('(['.includes(token.value) && --depth === 0) return i;
  }
  return -1;
}

function hasTopLevelComma(tokens: readonly Token[], open: number, close: number): boolean {
  let depth = 0;
  for (let i = open + 1; i < close; i++) {
    const token = tokens[i];
    if (token?.type !== 'punct') continue;
    if ('(['.includes(token.value)) depth++;
    else if (')]'.includes(token.value)) depth--;
    else if (token.value === ',' && depth === 0) return true;
  }
  return false;
}

const QUERIES = ['select', 'values', 'with', 'table', 'show', 'insert', 'upsert', 'delete'];

const isQuery = (token: Token | undefined): boolean => QUERIES.some((word) => isWord(token, word));

const isName = (token: Token | undefined): token is Token =>
  token?.type === 'word' || token?.type === 'quoted';

/** @param at index of AS */
export function labelledTuple(
  tokens: readonly Token[],
  at: number,
  first: number,
): LabelledTuple | undefined {
  if (!isPunct(tokens[at - 1], ')')) return undefined;
  const open = opening(tokens, at - 1, first);
  if (open < 0 || isQuery(tokens[open + 1])) return undefined;
  const isRow = isWord(tokens[open - 1], 'row');
  const row = isRow ? open - 1 : open;
  if (row - 1 < first || !isPunct(tokens[row - 1], '(') || isWord(tokens[row - 2], 'cast'))
    return undefined;
  if (!isRow && !hasTopLevelComma(tokens, open, at - 1)) return undefined;
  const labels: string[] = [];
  let end = at + 1;
  for (;;) {
    const name = tokens[end];
    if (!isName(name)) return undefined;
    labels.push(name.value);
    end++;
    if (!isPunct(tokens[end], ',')) break;
    end++;
  }
  if (!isPunct(tokens[end], ')')) return undefined;
  const start = tokens[row]?.start ?? 0;
  return { start, labels, end };
}

/** `(1,)`, seen from its comma: the offset of the bracket. */
export function singleTuple(
  tokens: readonly Token[],
  at: number,
  first: number,
): number | undefined {
  if (!isPunct(tokens[at], ',') || !isPunct(tokens[at + 1], ')')) return undefined;
  const open = opening(tokens, at + 1, first);
  if (open < 0 || hasTopLevelComma(tokens, open, at)) return undefined;
  const before = tokens[open - 1];
  const isCall = open > first && (before?.type === 'quoted' || before?.type === 'word');
  return isCall && !KEYWORDS_BEFORE_A_ROW.has(before.value) ? undefined : tokens[open]?.start;
}

const KEYWORDS_BEFORE_A_ROW = new Set(
  'select where and or not in any some all when then else case on having by returning distinct values between set'.split(
    ' ',
  ),
);

/** `= ANY (1, 2)`, seen from ANY: its brackets hold a list, not an array or a query. */
export function isListOfAny(tokens: readonly Token[], at: number, to: number): Token | undefined {
  if (tokens[at - 1]?.type !== 'op' || !isPunct(tokens[at + 1], '(')) return undefined;
  if (isQuery(tokens[at + 2])) return undefined;
  let depth = 0;
  for (let i = at + 1; i < to; i++) {
    const token = tokens[i];
    if (token?.type !== 'punct') continue;
    if ('(['.includes(token.value)) depth++;
    else if (')]'.includes(token.value) && --depth === 0)
      return hasTopLevelComma(tokens, at + 1, i) ? token : undefined;
  }
  return undefined;
}
