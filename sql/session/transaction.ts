import { SqlError } from '../../base/errors';
import type { TransactionStatus } from '../engine';
import type { Statement } from '../parse/ast';

/** A read snapshot that a transaction block holds; opened by its first query. */
export interface HeldSnapshot {
  close(): void;
}

const ENDS_BLOCK: ReadonlySet<Statement['kind']> = new Set([
  'Commit',
  'Rollback',
  'RollbackToSavepoint',
]);

/** The state machine of BEGIN … COMMIT: idle, in a block, in a failed block, and the block's savepoints. */
export class TransactionState<S extends HeldSnapshot> {
  status: TransactionStatus = 'I';
  snapshot: S | undefined;
  /** When the block or, outside of one, the statement began: `now()`. Microseconds since 1970. */
  startedMicros = 0;
  private savepoints: string[] = [];

  /** @throws SqlError inFailedSqlTransaction (25P02) */
  check(kind: Statement['kind']): void {
    if (this.status === 'E' && !ENDS_BLOCK.has(kind)) {
      throw new SqlError(
        'inFailedSqlTransaction',
        'current transaction is aborted, commands ignored until end of transaction block',
      );
    }
  }

  begin(): void {
    if (this.status !== 'I') {
      throw new SqlError('activeSqlTransaction', 'there is already a transaction in progress');
    }
    this.status = 'T';
    this.savepoints = [];
    this.startedMicros = Date.now() * 1000;
  }

  /** @returns the command tag: a failed block is rolled back, whatever is asked */
  end(command: 'COMMIT' | 'ROLLBACK'): { tag: string; wasOpen: boolean } {
    const { status } = this;
    this.release();
    this.status = 'I';
    this.savepoints = [];
    return { tag: status === 'E' ? 'ROLLBACK' : command, wasOpen: status !== 'I' };
  }

  release(): void {
    const { snapshot } = this;
    this.snapshot = undefined;
    snapshot?.close();
  }

  fail(): void {
    if (this.status === 'T') this.status = 'E';
  }

  savepoint(name: string): void {
    this.requireBlock('SAVEPOINT');
    this.savepoints.push(name);
  }

  releaseSavepoint(name: string): void {
    this.requireBlock('RELEASE SAVEPOINT');
    this.savepoints.length = this.find(name);
  }

  rollbackTo(name: string): void {
    this.requireBlock('ROLLBACK TO SAVEPOINT');
    this.savepoints.length = this.find(name) + 1;
    this.status = 'T';
  }

  private find(name: string): number {
    const at = this.savepoints.lastIndexOf(name);
    if (at < 0) {
      throw new SqlError('invalidTransactionState', `savepoint "${name}" does not exist`);
    }
    return at;
  }

  private requireBlock(what: string): void {
    if (this.status === 'I') {
      throw new SqlError(
        'noActiveSqlTransaction',
        `${what} can only be used in transaction blocks`,
      );
    }
  }
}
