import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../base/invariant';
import { giveWay } from '../../base/thread-priority';
import { connectStore, type Durability } from './connection';

/** Entry point of a thread that checkpoints when it is told to: it waits for the disk, so nobody else does. */

export interface CheckpointThreadData {
  readonly directory: string;
  readonly durability: Durability;
}

giveWay();
const port = defined(parentPort, 'parent port: this file is a thread');
const { directory, durability } = workerData as CheckpointThreadData;
const db = connectStore(directory, { durability, cacheBytes: 1 << 20 });

port.on('message', (message: 'checkpoint' | 'stop') => {
  if (message === 'stop') {
    db.close();
    port.close();
    return;
  }
  try {
    db.pragma('wal_checkpoint(PASSIVE)');
  } catch {
    // As SQLite does at a commit: what could not be moved stays in the WAL, where it is as safe.
  }
  port.postMessage('checkpointed');
});
