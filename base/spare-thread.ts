import type { Worker } from 'node:worker_threads';

/** A thread that nobody has taken is ended after this time. */
const SPARE_MS = 10_000;

/** A thread that is started ahead of its work, so that it loads its modules while the work is being planned. */
export class SpareThread {
  private readonly start: () => Worker;
  private spare: { readonly worker: Worker; readonly expiry: NodeJS.Timeout } | undefined;
  private isClosed = false;

  /** @param start a thread that waits for its first message */
  constructor(start: () => Worker) {
    this.start = start;
  }

  /** Starts the thread that the next `take` hands out. */
  warmUp(): void {
    if (this.spare === undefined) this.keep(this.start());
    else this.spare.expiry.refresh();
  }

  /** The next `take` hands it out, if that comes soon. @param worker waits for a first message again */
  giveBack(worker: Worker): void {
    silence(worker);
    if (this.spare === undefined && !this.isClosed) this.keep(worker);
    else void worker.terminate();
  }

  private keep(worker: Worker): void {
    const expiry = setTimeout(() => void this.end(), SPARE_MS);
    expiry.unref();
    worker.unref();
    // One that can't start is not missed: the work then reports what its own has met.
    worker.on('error', () => this.forget(worker));
    worker.on('exit', () => this.forget(worker));
    this.spare = { worker, expiry };
  }

  private forget(worker: Worker): void {
    if (this.spare?.worker !== worker) return;
    clearTimeout(this.spare.expiry);
    this.spare = undefined;
  }

  /** @returns a thread that waits for its first message; the caller's from now on */
  take(): Worker {
    const { spare } = this;
    if (spare === undefined) return this.start();
    this.spare = undefined;
    clearTimeout(spare.expiry);
    silence(spare.worker);
    spare.worker.ref();
    return spare.worker;
  }

  /** Settles when no thread is left that is not taken. Those that are given back later are ended, too. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.end();
  }

  private async end(): Promise<void> {
    const { spare } = this;
    this.spare = undefined;
    clearTimeout(spare?.expiry);
    await spare?.worker.terminate();
  }
}

/** Not all events at once: Node listens to some itself, without which no message comes any more. */
function silence(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
