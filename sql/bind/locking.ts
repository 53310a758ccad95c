import { notSupported, SqlError } from '../../base/errors';
import type { LockingClause, PgNode, SelectStmt } from '../parse/pg-tree';

/**
 * FOR UPDATE and FOR SHARE. They change no row of the answer. In a block FOR UPDATE takes the one write lock, as a write
 * would: see sql/session/row-locks.ts.
 */

export const LOCK_STRENGTHS: { readonly [S in LockingClause['strength']]: string } = {
  LCS_FORUPDATE: 'FOR UPDATE',
  LCS_FORNOKEYUPDATE: 'FOR NO KEY UPDATE',
  LCS_FORSHARE: 'FOR SHARE',
  LCS_FORKEYSHARE: 'FOR KEY SHARE',
};

/** @throws SqlError 0A000 where rows of the answer are no rows of a table; undefinedTable for a wrong OF */
export function checkLocking(statement: SelectStmt): void {
  for (const { LockingClause } of statement.lockingClause ?? []) {
    const strength = LOCK_STRENGTHS[LockingClause.strength];
    if (LockingClause.waitPolicy === 'LockWaitSkip')
      throw notSupported('SKIP LOCKED lock wait policy');
    const misplaced = misplacedIn(statement);
    if (misplaced !== undefined)
      throw new SqlError('featureNotSupported', `${strength} is not allowed with ${misplaced}`);
    const known = new Set((statement.fromClause ?? []).flatMap(aliasesOf));
    for (const node of LockingClause.lockedRels ?? []) {
      const name = 'RangeVar' in node ? node.RangeVar.relname : '';
      if (!known.has(name))
        throw new SqlError(
          'undefinedTable',
          `relation "${name}" in ${strength} clause not found in FROM clause`,
        );
    }
  }
}

function misplacedIn(statement: SelectStmt): string | undefined {
  if (statement.op !== undefined && statement.op !== 'SETOP_NONE') return 'UNION/INTERSECT/EXCEPT';
  if (statement.valuesLists !== undefined) return 'VALUES';
  if (statement.distinctClause !== undefined) return 'DISTINCT clause';
  if (statement.groupClause !== undefined) return 'GROUP BY clause';
  return statement.havingClause === undefined ? undefined : 'HAVING clause';
}

function aliasesOf(node: PgNode): string[] {
  if ('RangeVar' in node) return [node.RangeVar.alias?.aliasname ?? node.RangeVar.relname];
  if ('RangeSubselect' in node) return [node.RangeSubselect.alias?.aliasname ?? ''];
  if ('RangeFunction' in node) return [node.RangeFunction.alias?.aliasname ?? ''];
  if (!('JoinExpr' in node)) return [];
  return [...aliasesOf(node.JoinExpr.larg), ...aliasesOf(node.JoinExpr.rarg)];
}
