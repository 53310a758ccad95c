import { Worker } from 'node:worker_threads';
import { fromTransferredError } from '../../base/error-transfer';
import { InvariantError } from '../../base/invariant';
import { workerPath } from '../../base/worker-path';
import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';
import type { StatementContext } from '../statements/statement-context';
import type { DdlThreadData, DdlThreadResult } from './thread-messages';

/** Settings that names and expressions depend on. */
const SETTINGS = ['database', 'search_path', 'timezone'] as const;

/**
 * Runs the statement in a thread of its own, so that the server's goes on. The caller holds the write lock.
 * A cancel is seen by the functions of expressions; SQLite's own building of an index is not interrupted.
 */
export async function runInThread(
  context: StatementContext,
  session: SessionValues,
): Promise<readonly Notice[]> {
  const { store } = context.engine;
  const cancel = new SharedArrayBuffer(4);
  const data: DdlThreadData = {
    storeDirectory: store.directory,
    durability: store.durability,
    sql: context.sql,
    user: context.user,
    settings: SETTINGS.map((name) => [name, context.settings.get(name)] as const),
    session,
    cancel,
  };
  const onAbort = (): void => {
    Atomics.store(new Int32Array(cancel), 0, 1);
  };
  context.signal.addEventListener('abort', onAbort);
  try {
    const worker = new Worker(workerPath(__dirname, 'ddl-thread'), { workerData: data });
    const result = await resultOf(worker);
    if (result.kind === 'failed') throw fromTransferredError(result.error);
    return result.notices;
  } finally {
    context.signal.removeEventListener('abort', onAbort);
  }
}

async function resultOf(worker: Worker): Promise<DdlThreadResult> {
  return await new Promise((resolve, reject) => {
    let result: DdlThreadResult | undefined;
    let failure: Error | undefined;
    worker.on('message', (message: DdlThreadResult) => {
      result = message;
    });
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', (code) => {
      if (result !== undefined) resolve(result);
      else reject(failure ?? new InvariantError(`DDL thread ended with code ${code}`));
    });
  });
}
