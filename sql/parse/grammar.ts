import { Grammar, type Lexer, type LexerState, type Token as NearleyToken, Parser } from 'nearley';
import { invariant } from '../../base/invariant';
import type { Statement } from './ast';
import type { ParseContext } from './context';
import compiled from './gen/cockroach';
import compiledDdl from './gen/ddl';
import compiledPrivileges from './gen/privileges';
import { type GrammarToken, grammarTokens } from './grammar-tokens';
import { helpTopic } from './help-topics';
import { isDefinition, isPrivilegeStatement } from './statement-names';
import { syntaxErrorAt } from './syntax-error';

/** CockroachDB's own statements, parsed by the Nearley grammars grammar/*.ne. */

const cockroach = Grammar.fromCompiled(compiled);
/** Statements that change the schema have a grammar of their own: each stays small. */
const ddl = Grammar.fromCompiled(compiledDdl);
const privileges = Grammar.fromCompiled(compiledPrivileges);

function grammarFor(context: ParseContext, from: number): Grammar {
  if (isPrivilegeStatement(context, from)) return privileges;
  return isDefinition(context, from) ? ddl : cockroach;
}

/** Gives nearley the tokens that were made before. */
class TokenList implements Lexer {
  readonly tokens: readonly GrammarToken[];
  position = 0;

  constructor(tokens: readonly GrammarToken[]) {
    this.tokens = tokens;
  }

  reset(): void {}

  next(): NearleyToken | undefined {
    const token = this.tokens[this.position++];
    // nearley compares `text` with literals and hands the whole token to tests and postprocessors.
    return token as unknown as NearleyToken | undefined;
  }

  save(): LexerState {
    return {};
  }

  formatError(): string {
    return '';
  }

  has(): boolean {
    return false;
  }
}

/** What nearley keeps and does not declare. */
interface ParserInternals {
  readonly current: number;
  readonly table: readonly ({ readonly states: readonly EarleyState[] } | undefined)[];
  reportError: () => string;
}
interface EarleyState {
  readonly rule: { readonly name: string };
  readonly reference: number;
  readonly isComplete: boolean;
}

/** @throws SqlError syntaxError, statementTooComplex. */
export function parseWithGrammar(context: ParseContext, from: number, to: number): Statement {
  const tokens = grammarTokens(context, from, to);
  const lexer = new TokenList(tokens);
  const grammar = grammarFor(context, from);
  const parser = new Parser(grammar, { lexer });
  const internals = parser as unknown as ParserInternals;
  // nearley's own report walks the whole chart, which is slow and not what clients get to see.
  internals.reportError = () => '';
  try {
    parser.feed('');
  } catch (error) {
    if (!isParseFailure(error)) throw error;
    const failed = tokens[internals.current]?.token ?? context.tokens[to];
    invariant(failed !== undefined, 'a failing token exists');
    // As in the real grammar, help is offered where something is missing, not where a whole statement has a tail too many.
    const help = isCompleteAt(internals, grammar.start) ? undefined : helpTopic(context, from, to);
    throw syntaxErrorAt(context.source, failed, help === undefined ? {} : { help });
  }
  const [statement] = parser.results as Statement[];
  if (statement === undefined) {
    const end = context.tokens[to];
    invariant(end !== undefined, 'a range has an end token');
    const help = helpTopic(context, from, to);
    throw syntaxErrorAt(context.source, end, help === undefined ? {} : { help });
  }
  return statement;
}

/** How many ways there are to read a statement; the grammar's tests want one. */
export function countReadings(context: ParseContext, from: number, to: number): number {
  const lexer = new TokenList(grammarTokens(context, from, to));
  const parser = new Parser(grammarFor(context, from), { lexer });
  parser.feed('');
  return parser.results.length;
}

/** Whether what was read before the failing token is a statement. */
function isCompleteAt(parser: ParserInternals, start: string): boolean {
  const states = parser.table[parser.current]?.states ?? [];
  return states.some(
    (state) => state.isComplete && state.reference === 0 && state.rule.name === start,
  );
}

/** nearley marks its error with the token's index. */
function isParseFailure(error: unknown): boolean {
  return error instanceof Error && 'offset' in error && 'token' in error;
}
