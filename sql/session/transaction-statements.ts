import { notSupported, SqlError } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import type { AsOfClause, Statement, TransactionModes } from '../parse/ast';
import { hlcAsOf, readsNewest } from './as-of';
import type { SessionSettings } from './settings';
import type { HeldSnapshot, TransactionState } from './transaction';

/** BEGIN, COMMIT, ROLLBACK, savepoints and SET TRANSACTION. */

interface TransactionOwner {
  readonly transaction: TransactionState<HeldSnapshot>;
  readonly settings: SessionSettings;
}

const STATUS_WORDS = { I: 'NoTxn', T: 'Open', E: 'Aborted' } as const;

/** What `SHOW transaction_status` tells. */
export function noteStatus({ transaction, settings }: TransactionOwner): void {
  const word = transaction.committed ? 'CommitWait' : STATUS_WORDS[transaction.status];
  settings.setInternal('transaction_status', word);
}

/**
 * Every isolation level is served as SERIALIZABLE, which keeps what the weaker ones promise. A priority is remembered and
 * shown: conflicts are settled by who came first.
 */
function setModes(modes: TransactionModes, { settings, transaction }: TransactionOwner): void {
  if (modes.deferrable === true) throw notSupported('DEFERRABLE transactions');
  if (modes.asOf !== null) {
    if (modes.readOnly === false) {
      throw new SqlError('syntaxError', 'AS OF SYSTEM TIME specified with READ WRITE mode');
    }
    readAsOf(modes.asOf, transaction);
    // A transaction in the past reads only.
    settings.setLocal('transaction_read_only', 'on');
  }
  if (modes.readOnly !== null) {
    settings.setLocal('transaction_read_only', modes.readOnly ? 'on' : 'off');
  }
  const priority = modes.priority?.toLowerCase();
  if (priority === undefined || priority === settings.get('transaction_priority')) return;
  if (transaction.snapshot !== undefined) {
    throw new SqlError(
      'activeSqlTransaction',
      'cannot change the user priority of a running transaction',
    );
  }
  settings.setLocalInternal('transaction_priority', priority);
}

/** @throws SqlError activeSqlTransaction (25001) when the block has read already */
function readAsOf(asOf: AsOfClause, transaction: TransactionState<HeldSnapshot>): void {
  const newest = readsNewest(asOf);
  const time = newest ? undefined : hlcAsOf(asOf).wallTime;
  if (transaction.snapshot !== undefined && time !== transaction.asOf)
    throw new SqlError(
      'activeSqlTransaction',
      'cannot set fixed timestamp, the transaction already performed reads',
    );
  transaction.asOf = time;
}

function setDefaultModes(modes: TransactionModes, settings: SessionSettings): void {
  if (modes.readOnly !== null) {
    settings.set('default_transaction_read_only', modes.readOnly ? 'on' : 'off');
  }
  if (modes.priority !== null) {
    settings.set('default_transaction_priority', modes.priority.toLowerCase());
  }
}

/** @returns the command tag. @throws SqlError */
export function runTransactionStatement(statement: Statement, owner: TransactionOwner): string {
  const tag = run(statement, owner);
  noteStatus(owner);
  return tag;
}

function run(statement: Statement, owner: TransactionOwner): string {
  const { transaction, settings } = owner;
  switch (statement.kind) {
    case 'Empty':
      return '';
    case 'Begin':
      transaction.begin();
      try {
        settings.setLocal('transaction_read_only', settings.get('default_transaction_read_only'));
        settings.setLocalInternal(
          'transaction_priority',
          settings.get('default_transaction_priority'),
        );
        setModes(statement.modes, owner);
      } catch (error) {
        transaction.end('ROLLBACK');
        settings.restoreLocals();
        throw error;
      }
      return 'BEGIN';
    case 'Commit':
    case 'Rollback': {
      const tag = transaction.end(statement.kind === 'Commit' ? 'COMMIT' : 'ROLLBACK');
      settings.restoreLocals();
      return tag;
    }
    case 'Savepoint':
      transaction.savepoint(statement.name, settings.localSettings());
      return 'SAVEPOINT';
    case 'ReleaseSavepoint':
      transaction.releaseSavepoint(statement.name);
      return 'RELEASE';
    case 'RollbackToSavepoint':
      settings.restoreLocals(transaction.rollbackTo(statement.name));
      return 'ROLLBACK';
    case 'SetTransaction':
      if (statement.sessionDefault) {
        setDefaultModes(statement.modes, settings);
        return 'SET SESSION CHARACTERISTICS';
      }
      transaction.requireBlock();
      setModes(statement.modes, owner);
      return 'SET TRANSACTION';
    default:
      throw new InvariantError(`no way to run ${statement.kind}`);
  }
}
