import { SqlError } from '../../base/errors';
import { nameOf, textOf } from './actions';
import type { QualifiedName } from './ast';
import type { DefinitionExpr, IndexBody, References, SequenceOption } from './ddl-ast';
import type { GrammarToken } from './grammar-tokens';
import { lex } from './lexer';
import type { SelectStmt, TypeName } from './pg-tree';
import { parseExpressionRange, parseSelectRange } from './query';
import { syntaxErrorAt } from './syntax-error';

/** What the DDL grammar's postprocessors call. */

/** Types are read by PostgreSQL's parser, as that of a cast. */
export function typeOf(token: GrammarToken): TypeName {
  try {
    const source = `NULL::${textOf(token)}`;
    const tokens = lex(source);
    const node = parseExpressionRange({ ...token.context, source, tokens }, 0, tokens.length - 1);
    if ('TypeCast' in node && 'A_Const' in node.TypeCast.arg) return node.TypeCast.typeName;
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlstate !== '42601') throw error;
  }
  throw syntaxErrorAt(token.context.source, token.token);
}

export function exprOf(token: GrammarToken): DefinitionExpr {
  return {
    node: parseExpressionRange(token.context, token.from, token.to),
    text: textOf(token),
  };
}

/** An element of an index stands in brackets unless it is a call: those are not part of it. */
export function indexExprOf(token: GrammarToken): DefinitionExpr {
  const expr = exprOf(token);
  const inner = /^\((.*)\)$/s.exec(expr.text)?.[1];
  return inner === undefined ? expr : { ...expr, text: inner };
}

export function queryOf(token: GrammarToken): {
  readonly query: SelectStmt;
  readonly text: string;
} {
  return {
    query: parseSelectRange(token.context, token.from, token.to).tree,
    text: textOf(token),
  };
}

export function integerOf(sign: number, token: GrammarToken): bigint {
  const text = nameOf(token);
  if (!/^\d+$/.test(text)) throw syntaxErrorAt(token.context.source, token.token);
  return BigInt(text) * BigInt(sign);
}

/** A number as it was written. */
export const numberText = (token: GrammarToken): string => nameOf(token);

/** A CREATE TABLE with nothing behind its elements. */
export const NO_TAIL = {
  parameters: [],
  onCommit: false,
  locality: null,
  unsupported: null,
} as const;

export const PLAIN_VIEW = { replace: false, temporary: false, materialized: false } as const;
export const MATERIALIZED_VIEW = { ...PLAIN_VIEW, materialized: true } as const;

export function sequenceNumber(
  kind: 'increment' | 'minValue' | 'maxValue' | 'start' | 'cache',
  value: bigint,
): SequenceOption {
  return { kind, value };
}

const NO_ACTIONS = { onDelete: 'NO ACTION', onUpdate: 'NO ACTION', unsupported: null } as const;

export function references(
  table: QualifiedName,
  columns: readonly GrammarToken[],
  match: References['match'],
  actions: Partial<References>,
): References {
  return { table, columns: columns.map(nameOf), match, ...NO_ACTIONS, ...actions };
}

const PLAIN_BODY: IndexBody = {
  columns: [],
  method: null,
  storing: [],
  where: null,
  unsupported: null,
};

export function indexBody(parts: readonly Partial<IndexBody>[]): IndexBody {
  const given = parts.flatMap((part) => (part.unsupported == null ? [] : [part.unsupported]));
  return Object.assign({ ...PLAIN_BODY }, ...parts, { unsupported: given[0] ?? null }) as IndexBody;
}

/** `t@i`, `t`, `i`: how DROP INDEX and COMMENT ON INDEX name an index. */
export function indexName(name: QualifiedName, index: GrammarToken | null) {
  if (index !== null) return { table: name, index: nameOf(index) };
  return { table: null, index: name.parts.at(-1) ?? '' };
}

/** The name of what was not understood, from the words that name it. */
export function words(tokens: readonly GrammarToken[]): string {
  return tokens.map((token) => token.text.toUpperCase()).join(' ');
}
