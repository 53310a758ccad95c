import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { ParseContext } from './context';

/**
 * Refuses statements whose tree would be too deep, before anything recurses over them.
 *
 * PostgreSQL's parser prints its tree by recursion: past some 8,000 levels the WebAssembly stack overflows and the module can't be
 * used any more. The height is estimated from tokens, never too low: a bracket adds a level, and so does every operator of a
 * chain (`1 + 1 + …` leans to the left). AND, OR and lists are flat in the tree and add nothing.
 * @throws SqlError statementTooComplex (54001)
 */
export function checkDepth(context: ParseContext, from: number, to: number): void {
  const frames: Frame[] = [];
  let frame = newFrame(1);
  for (let i = from; i < to; i++) {
    const token = context.tokens[i];
    if (token === undefined) break;
    const { type, value } = token;
    if (type === 'op') frame.operators++;
    else if (type === 'punct') {
      if (OPENING.has(value)) {
        frames.push(frame);
        frame = newFrame(1);
      } else if (value === ',') endTerm(frame);
      else if (CLOSING.has(value)) frame = close(frame, frames);
    } else if (type === 'word') {
      if (value === 'case') {
        frames.push(frame);
        frame = newFrame(2);
      } else if (value === 'end') frame = close(frame, frames);
      else countWord(frame, value);
    }
    if (frames.length + frame.operators + frame.chain > limits.sqlDepthMax) throw tooDeep();
  }
  while (frames.length > 0) frame = close(frame, frames);
  if (heightOf(frame) > limits.sqlDepthMax) throw tooDeep();
}

/** The part of a statement between two brackets. */
interface Frame {
  weight: number;
  /** Operators of the current term. */
  operators: number;
  /** The highest bracket of the current term. */
  inner: number;
  /** The highest term so far. */
  best: number;
  /** Set operations and joins: they nest to the left across commas and ANDs. */
  chain: number;
}

const OPENING = new Set('([{');
const CLOSING = new Set(')]}');
const OPERATOR_WORDS = new Set(
  'not is isnull notnull collate at like ilike similar in between escape operator overlaps'.split(
    ' ',
  ),
);
const TERM_WORDS = new Set(
  'and or when then else where from on having by limit offset values set returning'.split(' '),
);
const SET_OPERATIONS = new Set(['union', 'intersect', 'except']);

function newFrame(weight: number): Frame {
  return { weight, operators: 0, inner: 0, best: 0, chain: 0 };
}

function countWord(frame: Frame, word: string): void {
  if (OPERATOR_WORDS.has(word)) frame.operators++;
  else if (TERM_WORDS.has(word)) endTerm(frame);
  else if (word === 'select') {
    endTerm(frame);
    // A query in brackets is several levels of the tree, and the most expensive ones to print.
    frame.weight = Math.max(frame.weight, 4);
  } else if (SET_OPERATIONS.has(word)) frame.chain += 3;
  else if (word === 'join') frame.chain += 2;
}

function endTerm(frame: Frame): void {
  frame.best = Math.max(frame.best, frame.operators + frame.inner);
  frame.operators = 0;
  frame.inner = 0;
}

function heightOf(frame: Frame): number {
  endTerm(frame);
  return frame.best + frame.chain + frame.weight;
}

function close(frame: Frame, frames: Frame[]): Frame {
  const outer = frames.pop();
  if (outer === undefined) return frame;
  const height = heightOf(frame);
  if (height > limits.sqlDepthMax) throw tooDeep();
  outer.inner = Math.max(outer.inner, height);
  return outer;
}

function tooDeep(): SqlError {
  return new SqlError('statementTooComplex', 'statement is nested too deeply', {
    hint: `at most ${limits.sqlDepthMax} levels of brackets and operators; write long OR chains as IN lists`,
  });
}
