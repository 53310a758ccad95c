import { SqlError, type SqlErrorOptions } from '../../base/errors';
import type { Token } from './token';

/**
 * Errors of the parser as CockroachDB words them: `at or near "x": syntax error`, the statement with a caret under the
 * offending token as DETAIL, and for statements that have a help page `try \h NAME` as HINT.
 */
export interface SyntaxErrorExtras {
  /** Appended to "syntax error: ". */
  readonly reason?: string;
  /** Of the help page, e.g. `RESTORE`. */
  readonly help?: string;
}

export function syntaxErrorAt(
  source: string,
  token: Token,
  extras: SyntaxErrorExtras = {},
): SqlError {
  const near = token.type === 'eof' ? 'EOF' : token.value;
  const reason = extras.reason === undefined ? '' : `: ${extras.reason}`;
  return errorAt(source, token.start, `at or near "${near}": syntax error${reason}`, extras.help);
}

/** `lexical error: …`, for what is no token at all. */
export function lexicalError(source: string, offset: number, reason: string): SqlError {
  return errorAt(source, offset, `lexical error: ${reason}`, undefined);
}

function errorAt(
  source: string,
  offset: number,
  message: string,
  help: string | undefined,
): SqlError {
  const options: SqlErrorOptions = {
    detail: `source SQL:\n${withCaret(source, offset)}`,
    position: characterPosition(source, offset),
    ...(help === undefined ? {} : { hint: `try \\h ${help}` }),
  };
  return new SqlError('syntaxError', message, options);
}

/** The 1-based character position that the protocol wants for an offset in UTF-16 code units. */
export function characterPosition(source: string, offset: number): number {
  return codePointCount(source, offset) + 1;
}

/** Code points in the first `end` code units. */
export function codePointCount(source: string, end: number): number {
  let count = end;
  for (let i = 0; i < end - 1; i++) {
    if (isLeadSurrogate(source, i) && isTrailSurrogate(source, i + 1)) count--;
  }
  return count;
}

function isLeadSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isTrailSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

/** A text longer than this is cut around the caret. */
const SOURCE_CHARACTERS_MAX = 2_000;

/** The text up to the end of the line of `offset`, then a line with a caret, as CockroachDB shows it. */
function withCaret(source: string, offset: number): string {
  const cutAt = offset > SOURCE_CHARACTERS_MAX ? offset - SOURCE_CHARACTERS_MAX : 0;
  const lineStart = source.lastIndexOf('\n', offset - 1) + 1;
  const nextBreak = source.indexOf('\n', offset);
  const lineEnd = Math.min(
    nextBreak < 0 ? source.length : nextBreak,
    offset + SOURCE_CHARACTERS_MAX,
  );
  const before = source.slice(Math.max(lineStart, cutAt), offset);
  const column = codePointCount(before, before.length);
  return `${source.slice(cutAt, lineEnd)}\n${' '.repeat(column)}^`;
}
