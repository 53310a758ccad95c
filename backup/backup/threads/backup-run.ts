import { parentPort } from 'node:worker_threads';
import { initCompression } from '../../../base/compression';
import { toTransferredError } from '../../../base/error-transfer';
import { defined } from '../../../base/invariant';
import { giveWay } from '../../../base/thread-priority';
import { JobInterrupted } from '../../../jobs/job-errors';
import { RemoteWriteLock } from '../../../storage/ranges/remote-write-lock';
import { runBackupTask } from '../backup-task';
import { Checkpoint } from '../parts/checkpoint';
import type { OpenExpressions } from '../rows/table-source';
import type {
  BackupThreadData,
  BackupThreadReply,
  BackupThreadRequest,
  PartThreads,
} from './backup-thread-messages';
import { bringInForSnapshot, connectForSnapshot, takeSnapshot } from './snapshot';

/**
 * What the thread of a backup does: one backup after the other, until one of them fails.
 * @param threads that write parts beside it
 */
export function serveBackups(threads: PartThreads, openExpressions: OpenExpressions): void {
  giveWay();
  const port = defined(parentPort, 'parent port: this is a thread');
  const reply = (message: BackupThreadReply): void => port.postMessage(message);
  let current: Beginning | undefined;
  const start = async (data: BackupThreadData): Promise<void> => {
    const beginning = new Beginning();
    current = beginning;
    const { begun, signal } = beginning;
    const last = await run(data, { begun, signal, threads, openExpressions, reply });
    current = undefined;
    reply(last);
    if (last.kind !== 'done') port.close();
  };
  port.on('message', (request: BackupThreadRequest) => {
    if (request.kind === 'start') return void start(request.data);
    // What comes after the end of a backup is not meant for the next.
    if (request.kind === 'begin') current?.begin(request.endTime);
    else current?.interrupt();
  });
}

/** The moment in which the snapshot of a backup is to be taken, if it is not told to stop before. */
class Beginning {
  readonly begun: Promise<bigint>;
  begin: (endTime: bigint) => void = () => undefined;
  private readonly controller = new AbortController();
  private reject: (reason: unknown) => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve, reject) => {
      this.begin = resolve;
      this.reject = reject;
    });
    // An interruption may come before anybody waits for the beginning.
    this.begun.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  interrupt(): void {
    const interruption = new JobInterrupted('cancel');
    this.controller.abort(interruption);
    this.reject(interruption);
  }
}

/** Many parts may be written in a moment, and each message is a write to the job's record. */
const PROGRESS_INTERVAL_MS = 1_000;

function progressTeller(reply: Run['reply']): (fraction: number) => void {
  let lastMillis = Date.now();
  return (fraction) => {
    const now = Date.now();
    if (now - lastMillis < PROGRESS_INTERVAL_MS) return;
    lastMillis = now;
    reply({ kind: 'progress', fraction });
  };
}

interface Run {
  readonly begun: Promise<bigint>;
  readonly signal: AbortSignal;
  readonly threads: PartThreads;
  readonly openExpressions: OpenExpressions;
  readonly reply: (message: BackupThreadReply) => void;
}

async function run(data: BackupThreadData, context: Run): Promise<BackupThreadReply> {
  const { begun, signal, threads, openExpressions, reply } = context;
  const { storeDirectory, storeFd, durability, lockPort, jobId, payload, counter } = data;
  const db = connectForSnapshot(storeDirectory);
  try {
    if (payload.base !== undefined) await initCompression();
    await openThreads(threads, data);
    reply({ kind: 'ready' });
    const endTime = await begun;
    const isInFile = bringInForSnapshot(storeDirectory, durability);
    const pages = takeSnapshot({ db, storeFd }, isInFile);
    await threads.runInEach(() => ({ kind: 'begin', endTime, isInFile }));
    reply({ kind: 'begun' });
    const totals = await runBackupTask({
      db,
      pages,
      endTime,
      storage: { ...data.storage, writeLock: new RemoteWriteLock(lockPort), signal },
      jobId,
      payload,
      counter,
      threads,
      openExpressions,
      signal,
      checkpoint: Checkpoint.read(data.progress),
      onProgress: progressTeller(reply),
      onCheckpoint: (checkpoint) => reply({ kind: 'checkpoint', checkpoint }),
    });
    await threads.runInEach(() => ({ kind: 'end' }));
    const { rows, indexEntries, dataSize } = totals;
    return { kind: 'done', totals: { rows, indexEntries, dataSize } };
  } catch (error) {
    await threads.close();
    if (error instanceof JobInterrupted) return { kind: 'interrupted' };
    return { kind: 'failed', error: toTransferredError(error) };
  } finally {
    db.close();
    lockPort.close();
  }
}

/** Settles when everything is loaded in them. */
async function openThreads(
  threads: PartThreads,
  { lockPorts, progress: _progress, durability: _durability, ...data }: BackupThreadData,
): Promise<void> {
  const portOf = (i: number) => defined(lockPorts[i], 'port of the write lock');
  await threads.runInEach((i) => ({ kind: 'open', data: { ...data, lockPort: portOf(i) } }), {
    transferOf: (i) => [portOf(i)],
  });
  for (const port of lockPorts.slice(threads.threadCount)) port.close();
}
