import { workerData } from 'node:worker_threads';
import { TaskThread, TaskThreads } from '../../../base/task-threads';
import type { OpenExpressions } from '../rows/table-source';
import type { BackupWorkerData, PartResult, PartTask, PartThreads } from './backup-thread-messages';

/**
 * What the threads of a backup do; their entry point is in a layer that knows SQL. Those that write parts are started before the one
 * that starts them loads what it needs itself, so that all of them load at the same time.
 */
export async function serveBackupThread(openExpressions: OpenExpressions): Promise<void> {
  const data = workerData as BackupWorkerData;
  if (data.kind === 'parts') {
    const { servePartThread } = await import('./part-thread.js');
    servePartThread(openExpressions);
    return;
  }
  const threads = startPartThreads(data.threadFile, data.partThreads);
  const { serveBackups } = await import('./backup-run.js');
  serveBackups(threads, openExpressions);
}

function startPartThreads(threadFile: string, count: number): PartThreads {
  const data: BackupWorkerData = { kind: 'parts' };
  return new TaskThreads(
    Array.from({ length: count }, () => new TaskThread<PartTask, PartResult>(threadFile, data)),
  );
}
