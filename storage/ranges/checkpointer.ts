import { Worker } from 'node:worker_threads';
import { workerPath } from '../../base/worker-path';
import type { CheckpointThreadData } from './checkpoint-thread';
import type { Durability } from './connection';

/** Brings the WAL into the store in a thread of its own, beside whoever writes. */
export class Checkpointer {
  private readonly worker: Worker;
  private running: Promise<void> | undefined;
  private following: Promise<void> | undefined;
  private finish: () => void = () => undefined;

  /** @param directory of the store */
  constructor(directory: string, durability: Durability) {
    const data: CheckpointThreadData = { directory, durability };
    this.worker = new Worker(workerPath(__dirname, 'checkpoint-thread'), { workerData: data });
    this.worker.on('message', () => this.finish());
    // Without it everything works; the WAL only stays as long as it is.
    this.worker.on('error', () => undefined);
    this.worker.on('exit', () => this.finish());
  }

  /** When all that was committed before is in the store, as far as readers allow. */
  checkpoint(): Promise<void> {
    if (this.running === undefined) return this.begin();
    this.following ??= this.running.then(() => this.begin());
    return this.following;
  }

  private begin(): Promise<void> {
    this.following = undefined;
    const running = new Promise<void>((resolve) => {
      this.finish = () => {
        if (this.running === running) this.running = undefined;
        resolve();
      };
    });
    this.running = running;
    this.worker.postMessage('checkpoint');
    return running;
  }

  /** Settles when the thread has ended. */
  async close(): Promise<void> {
    const exited = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()));
    this.worker.postMessage('stop');
    await exited;
  }
}
