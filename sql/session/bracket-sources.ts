import { notSupported } from '../../base/errors';
import type { MaterializedTable } from '../bind/catalog-view';
import type { SelectStatement, Statement } from '../parse/ast';
import { type ChangeStatement, isChange } from '../parse/changes';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';
import { WORK_VERBS } from './cursors';

/** `[SHOW …]` as a table: the statements are run before the query around them is bound. */

const known = new WeakMap<object, readonly Statement[]>();

/** Statements in brackets anywhere in a parse tree that are run before it is; those of SQL are part of it. */
export function bracketStatements(tree: object): readonly Statement[] {
  let found = known.get(tree);
  if (found === undefined) {
    const list: Statement[] = [];
    collect(tree, list);
    found = list;
    known.set(tree, found);
  }
  return found;
}

function collect(tree: unknown, found: Statement[]): void {
  if (Array.isArray(tree)) for (const item of tree) collect(item, found);
  else if (typeof tree === 'object' && tree !== null) {
    for (const key in tree) {
      if (key === 'A_Const') continue; // nearly all of a long list of VALUES
      const value: unknown = (tree as Readonly<Record<string, unknown>>)[key];
      if (key !== 'RangeVar' || !hasStatement(value)) collect(value, found);
      else if (isSql(value.statement)) collect(value.statement.tree, found);
      else found.push(value.statement);
    }
  }
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
    if (handler?.kind !== 'rows' || WORK_VERBS.has(statement.kind)) {
      throw notSupported('a statement other than SHOW in brackets');
    }
    sources.set(statement, await handler.run(statement, context));
  }
  return sources;
}
