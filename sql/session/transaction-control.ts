import type { Statement } from '../parse/ast';
import type { BlockSnapshot } from './block-snapshot';
import type { SessionSettings } from './settings';
import type { TransactionState } from './transaction';
import { runTransactionStatement } from './transaction-statements';
import { applyToBlock } from './write-block';

interface BlockOwner {
  readonly transaction: TransactionState<BlockSnapshot>;
  readonly settings: SessionSettings;
}

/** Runs a statement of transaction control: what it does to the rows first. @returns the command tag. @throws SqlError */
export async function controlTransaction(statement: Statement, owner: BlockOwner): Promise<string> {
  try {
    await applyToBlock(statement, owner.transaction);
  } catch (error) {
    // A block whose commit failed is over.
    if (statement.kind === 'Commit' || statement.kind === 'Rollback') {
      runTransactionStatement({ kind: 'Rollback' }, owner);
    }
    throw error;
  }
  return runTransactionStatement(statement, owner);
}
