import { notSupported } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import type { SessionListener } from '../engine';
import type { Statement, TransactionModes } from '../parse/ast';
import type { SessionSettings } from './settings';
import type { HeldSnapshot, TransactionState } from './transaction';

/** BEGIN, COMMIT, ROLLBACK, savepoints and SET TRANSACTION. */

interface TransactionOwner {
  readonly transaction: TransactionState<HeldSnapshot>;
  readonly settings: SessionSettings;
}

function noteStatus({ transaction, settings }: TransactionOwner): void {
  const words = { I: 'NoTxn', T: 'Open', E: 'Aborted' } as const;
  settings.setInternal('transaction_status', words[transaction.status]);
}

/** Every isolation level is served as SERIALIZABLE, which keeps what the weaker ones promise. */
function checkModes(modes: TransactionModes): void {
  if (modes.asOf !== null) {
    throw notSupported('AS OF SYSTEM TIME', 'Query the present, or restore an older backup.');
  }
}

function end(
  command: 'COMMIT' | 'ROLLBACK',
  owner: TransactionOwner,
  listener: SessionListener,
): string {
  const { tag, wasOpen } = owner.transaction.end(command);
  if (!wasOpen) {
    listener.onNotice({
      severity: 'WARNING',
      code: '25P01',
      message: 'there is no transaction in progress',
    });
  }
  return tag;
}

/** @returns the command tag */
export function runTransactionStatement(
  statement: Statement,
  owner: TransactionOwner,
  listener: SessionListener,
): string {
  const tag = run(statement, owner, listener);
  noteStatus(owner);
  return tag;
}

function run(statement: Statement, owner: TransactionOwner, listener: SessionListener): string {
  const { transaction } = owner;
  switch (statement.kind) {
    case 'Empty':
      return '';
    case 'Begin':
      checkModes(statement.modes);
      transaction.begin();
      return 'BEGIN';
    case 'Commit':
      return end('COMMIT', owner, listener);
    case 'Rollback':
      return end('ROLLBACK', owner, listener);
    case 'Savepoint':
      transaction.savepoint(statement.name);
      return 'SAVEPOINT';
    case 'ReleaseSavepoint':
      transaction.releaseSavepoint(statement.name);
      return 'RELEASE';
    case 'RollbackToSavepoint':
      transaction.rollbackTo(statement.name);
      return 'ROLLBACK';
    case 'SetTransaction':
      checkModes(statement.modes);
      return 'SET TRANSACTION';
    default:
      throw new InvariantError(`no way to run ${statement.kind}`);
  }
}
