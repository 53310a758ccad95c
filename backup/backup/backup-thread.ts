import { workerData } from 'node:worker_threads';
import { TaskThread, TaskThreads } from '../../base/task-threads';
import type {
  BackupThreadData,
  PartResult,
  PartTask,
  PartThreadData,
  PartThreads,
} from './backup-thread-messages';
import type { OpenExpressions } from './table-source';

/**
 * What the threads of a backup do; their entry point is in a layer that knows SQL. Those that write parts are started before the one
 * that starts them loads what it needs itself, so that all of them load at the same time.
 */
export async function serveBackupThread(openExpressions: OpenExpressions): Promise<void> {
  const data = workerData as BackupThreadData | PartThreadData;
  if (data.kind === 'parts') {
    const { servePartThread } = await import('./part-thread.js');
    servePartThread(data, openExpressions);
    return;
  }
  const threads = startPartThreads(data);
  const { serveBackup } = await import('./backup-run.js');
  serveBackup(data, threads, openExpressions);
}

function startPartThreads({
  threadFile,
  lockPorts,
  progress: _progress,
  ...data
}: BackupThreadData): PartThreads {
  return new TaskThreads(
    lockPorts.map((lockPort) => {
      const partData: PartThreadData = { ...data, kind: 'parts', lockPort };
      return new TaskThread<PartTask, PartResult>(threadFile, partData, [lockPort]);
    }),
  );
}
