import { initCompression } from '../../../base/compression';
import { defined } from '../../../base/invariant';
import { serveTasks } from '../../../base/task-thread';
import { giveWay } from '../../../base/thread-priority';
import type { Connection } from '../../../storage/ranges/connection';
import { RemoteWriteLock } from '../../../storage/ranges/remote-write-lock';
import type { PageTables } from '../rows/page-scan';
import type { OpenExpressions } from '../rows/table-source';
import type { PartResult, PartTask, PartThreadData } from './backup-thread-messages';
import { OpenedLayer } from './opened-layer';
import { connectForSnapshot, takeSnapshot } from './snapshot';

const nothing = async (): Promise<undefined> => undefined;

/** What a thread does that writes parts of a backup. */
export function servePartThread(openExpressions: OpenExpressions): void {
  giveWay();
  let opened: OpenedThread | undefined;
  let endTime: bigint | undefined;
  let pages: PageTables | undefined;
  let layer: Promise<OpenedLayer> | undefined;
  const end = async (): Promise<void> => {
    const [endedLayer, ended] = [layer, opened];
    layer = opened = endTime = pages = undefined;
    await (await endedLayer)?.close();
    ended?.db.close();
    ended?.data.lockPort.close();
  };
  serveTasks<PartTask, PartResult>({
    async run(task, signal) {
      signal.throwIfAborted();
      switch (task.kind) {
        case 'open':
          opened = openThread(task.data);
          if (task.data.payload.base !== undefined) await initCompression();
          return nothing;
        case 'begin':
          pages = takeSnapshot(defined(opened, OPENED), task.isInFile);
          endTime = task.endTime;
          return nothing;
        case 'write': {
          const { db, writeLock, data } = defined(opened, OPENED);
          const { storage, jobId, payload, counter } = data;
          layer ??= OpenedLayer.open({
            db,
            pages,
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
        case 'end':
          await end();
          return nothing;
      }
    },
    close: end,
  });
}

const OPENED = 'a thread is opened first';

interface OpenedThread {
  readonly db: Connection;
  readonly storeFd: number;
  readonly writeLock: RemoteWriteLock;
  readonly data: PartThreadData;
}

const openThread = (data: PartThreadData): OpenedThread => ({
  db: connectForSnapshot(data.storeDirectory),
  storeFd: data.storeFd,
  writeLock: new RemoteWriteLock(data.lockPort),
  data,
});
