import { notSupported } from '../../base/errors';
import type { MaterializedTable } from '../bind/catalog-view';
import type { SelectStatement, Statement } from '../parse/ast';
import { type ChangeStatement, isChange } from '../parse/changes';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';

/** `[SHOW …]` as a table: the statements are run before the query around them is bound. */

/** Statements in brackets anywhere in a parse tree that are run before it is; those of SQL are part of it. */
export function bracketStatements(tree: unknown, found: Statement[] = []): Statement[] {
  if (Array.isArray(tree)) for (const item of tree) bracketStatements(item, found);
  else if (typeof tree === 'object' && tree !== null) {
    for (const [key, value] of Object.entries(tree)) {
      if (key !== 'RangeVar' || !hasStatement(value)) bracketStatements(value, found);
      else if (isSql(value.statement)) bracketStatements(value.statement.tree, found);
      else found.push(value.statement);
    }
  }
  return found;
}

const isSql = (statement: Statement): statement is ChangeStatement | SelectStatement =>
  statement.kind === 'Select' || isChange(statement);

function hasStatement(value: unknown): value is { statement: Statement } {
  return typeof value === 'object' && value !== null && 'statement' in value;
}

export type BracketSources = ReadonlyMap<Statement, MaterializedTable>;

/** @throws SqlError featureNotSupported for statements that give no rows */
export async function runBracketStatements(
  statements: readonly Statement[],
  context: StatementContext,
): Promise<BracketSources> {
  const sources = new Map<Statement, MaterializedTable>();
  for (const statement of statements) {
    const handler = handlerOf(statement);
    if (handler?.kind !== 'rows' || statement.kind === 'Restore') {
      throw notSupported('a statement other than SHOW in brackets');
    }
    sources.set(statement, await handler.run(statement, context));
  }
  return sources;
}
