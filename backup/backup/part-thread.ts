import { initCompression } from '../../base/compression';
import { defined } from '../../base/invariant';
import { serveTasks } from '../../base/task-thread';
import { giveWay } from '../../base/thread-priority';
import { RemoteWriteLock } from '../../storage/ranges/remote-write-lock';
import type { PartResult, PartTask, PartThreadData } from './backup-thread-messages';
import { OpenedLayer } from './opened-layer';
import { connectForSnapshot, takeSnapshot } from './snapshot';
import type { OpenExpressions } from './table-source';

const nothing = async (): Promise<undefined> => undefined;

/** What a thread does that writes parts of a backup. */
export function servePartThread(data: PartThreadData, openExpressions: OpenExpressions): void {
  giveWay();
  const { storeDirectory, lockPort, storage, jobId, payload, counter } = data;
  const db = connectForSnapshot(storeDirectory);
  const writeLock = new RemoteWriteLock(lockPort);
  let endTime: bigint | undefined;
  let layer: Promise<OpenedLayer> | undefined;
  serveTasks<PartTask, PartResult>({
    async run(task, signal) {
      signal.throwIfAborted();
      switch (task.kind) {
        case 'open':
          if (payload.base !== undefined) await initCompression();
          return nothing;
        case 'begin':
          takeSnapshot(db);
          endTime = task.endTime;
          return nothing;
        case 'write': {
          layer ??= OpenedLayer.open({
            db,
            endTime: defined(endTime, 'time of the snapshot'),
            storage: { ...storage, writeLock, signal },
            jobId,
            payload,
            counter,
            signal,
            openExpressions,
          });
          return await (await layer).writer().write(task.part);
        }
      }
    },
    async close() {
      await (await layer)?.close();
      db.close();
      lockPort.close();
    },
  });
}
