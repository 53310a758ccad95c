import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { limits } from '../../base/limits';
import type { Statement } from './ast';
import { asSystemWrite } from './changes';
import type { ParseContext } from './context';
import { guardedStatement } from './do-block';
import { parseWithGrammar } from './grammar';
import { lex } from './lexer';
import type { PgNode } from './pg-tree';
import { parseExpressionRange, parseQuery } from './query';
import { isDefinition, isPrivilegeStatement, unsupportedName } from './statement-names';
import { syntaxErrorAt } from './syntax-error';
import { isPunct, isWord, type Token } from './token';

/**
 * The parser's entry: text in, `Statement` out. Await `loadParser` (postgres.ts) once a thread before the first call.
 *
 * Statements are routed by their first words: CockroachDB's own to the grammar, queries to PostgreSQL's parser, and what is known
 * but not run is named and left alone.
 */

/**
 * Parses one statement (see `splitStatements` for texts of several); a semicolon at its end is allowed.
 * @throws SqlError syntaxError with CockroachDB's words, statementTooComplex, featureNotSupported
 */
export function parseStatement(text: string): Statement {
  const tokens = lex(text);
  let to = tokens.length - 1;
  while (to > 0 && isPunct(tokens[to - 1], ';')) to--;
  return parseRange({ source: text, tokens, nesting: 0, parseRange: parseNested }, 0, to);
}

/**
 * Parses a lone expression, as descriptors store them for defaults, computed columns, checks and index predicates.
 * @throws SqlError as `parseStatement`
 */
export function parseExpression(text: string): PgNode {
  const tokens = lex(text);
  const context = { source: text, tokens, nesting: 0, parseRange: parseNested };
  return parseExpressionRange(context, 0, tokens.length - 1);
}

const QUERY_WORDS = new Set([
  'select',
  'values',
  'with',
  'table',
  'insert',
  'upsert',
  'update',
  'delete',
  'copy',
]);

const GRAMMAR_WORDS = new Set(
  (
    'abort backup begin cancel commit deallocate discard end execute explain file pause prepare release reset restore resume ' +
    'rollback savepoint set show start use'
  ).split(' '),
);

/** What CREATE and DROP are parsed by the same grammar for. */
const CREATED_WORDS = new Set(['database', 'external', 'schedule', 'schedules']);

/** A statement inside another one. */
function parseNested(context: ParseContext, from: number, to: number): Statement {
  const nesting = context.nesting + 1;
  if (nesting > limits.statementNestingMax) {
    throw new SqlError(
      'statementTooComplex',
      `statements are nested more than ${limits.statementNestingMax} deep`,
    );
  }
  return parseRange({ ...context, nesting }, from, to);
}

/** First words that only PostgreSQL or a later CockroachDB gives a meaning are syntax errors, as everywhere else. */
function parseRange(context: ParseContext, from: number, to: number): Statement {
  const first = context.tokens[from];
  if (from >= to || first === undefined) return { kind: 'Empty' };
  const end = context.tokens.slice(from, to).find((token) => isPunct(token, ';'));
  if (end !== undefined) throw syntaxErrorAt(context.source, end);
  if (isPunct(first, '(') || isOneOf(first, QUERY_WORDS)) {
    return asSystemWrite(parseQuery(context, from, to));
  }
  if (isDefinition(context, from) || isPrivilegeStatement(context, from)) {
    return parseWithGrammar(context, from, to);
  }
  const guarded = guardedStatement(context, from, to);
  if (guarded !== undefined) return parseStatement(guarded);
  const what = unsupportedName(context, from, to);
  if (what !== null) return { kind: 'Unsupported', what };
  const second = context.tokens[from + 1];
  const isOfGrammar =
    (isWord(first, 'create') || isWord(first, 'drop')) &&
    second !== undefined &&
    isOneOf(second, CREATED_WORDS);
  if (isOfGrammar || isOneOf(first, GRAMMAR_WORDS)) return parseWithGrammar(context, from, to);
  throw unknownStatement(context, from);
}

function isOneOf(token: Token, words: ReadonlySet<string>): boolean {
  return token.type === 'word' && words.has(token.value);
}

/** After CREATE, ALTER and DROP it is the next word that makes no sense. */
const VERBS = new Set(['create', 'alter', 'drop']);

function unknownStatement(context: ParseContext, from: number): SqlError {
  const first = context.tokens[from];
  invariant(first !== undefined, 'a range has a first token');
  const wrong = isOneOf(first, VERBS) ? context.tokens[from + 1] : first;
  return syntaxErrorAt(context.source, wrong ?? first);
}
