import type { DataFileOpener } from '../data-files';
import { stageWithKernel } from './kernel/kernel-stager';
import { openParts, type SpanFiles } from './span-files';
import type { StagedRange, StageTask } from './stage-task';

/**
 * Reads one range of a backup and makes a staging file of its rows. Knows neither the store nor the manifests, so it can run in any
 * thread.
 * @param opening the task's parts, where they are being opened already; they are closed in the end
 * @throws the signal's reason; CorruptionError, SqlError for what is wrong with the backup or the device
 */
export async function stageRange(
  task: StageTask,
  opener: DataFileOpener,
  signal: AbortSignal,
  opening: Promise<SpanFiles> = openParts(opener, task.parts),
): Promise<StagedRange> {
  const files = await opening;
  try {
    const staged = await stageWithKernel(task, files.spans, signal);
    if (staged !== undefined) return staged;
    // Most backups are staged without all that this loads.
    const { stageRows } = await import('./row-stager.js');
    return await stageRows(task, files, signal);
  } finally {
    await files.close();
  }
}
