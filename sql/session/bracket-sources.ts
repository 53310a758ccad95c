import { notSupported } from '../../base/errors';
import type { MaterializedTable } from '../bind/catalog-view';
import type { Statement } from '../parse/ast';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';

/** `[SHOW …]` as a table: the statements are run before the query around them is bound. */

/** Statements in brackets anywhere in a parse tree. */
export function bracketStatements(tree: unknown, found: Statement[] = []): Statement[] {
  if (Array.isArray(tree)) for (const item of tree) bracketStatements(item, found);
  else if (typeof tree === 'object' && tree !== null) {
    for (const [key, value] of Object.entries(tree)) {
      if (key === 'RangeVar' && hasStatement(value)) found.push(value.statement);
      else bracketStatements(value, found);
    }
  }
  return found;
}

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
