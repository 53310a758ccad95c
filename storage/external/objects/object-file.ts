import { CorruptionError, SqlError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import type { ExternalFile } from '../external-storage';
import type { Attempt } from './attempts';
import { KEPT_TAIL_BYTES, type KnownObject } from './known-objects';
import type { ObjectDriver } from './object-driver';
import type { Run } from './object-storage';

/** The answer ended before all of its bytes were there. */
export class TruncatedBody extends Error {}

/** Reads an object by ranges; what was received before a connection broke is not asked for again. */
export class ObjectFile implements ExternalFile {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly driver: ObjectDriver;
  private readonly key: string;
  private readonly known: KnownObject;
  private readonly run: Run;

  constructor(driver: ObjectDriver, key: string, name: string, known: KnownObject, run: Run) {
    this.driver = driver;
    this.key = key;
    this.name = name;
    this.sizeBytes = known.stat.sizeBytes;
    this.known = known;
    this.run = run;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const count = end - start;
    const inRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0;
    if (!inRange || count < 0 || end > this.sizeBytes) {
      const words = `bytes up to ${end} wanted, the file has ${this.sizeBytes}`;
      throw new CorruptionError(this.name, start, words);
    }
    if (count > limits.externalReadBytesMax) {
      throw new SqlError('programLimitExceeded', `${this.name}: read of ${count} bytes`);
    }
    const { known } = this;
    const tailStart = this.sizeBytes - (known.tail?.length ?? 0);
    if (known.tail !== undefined && start >= tailStart) {
      return known.tail.slice(start - tailStart, end - tailStart);
    }
    const bytes = await this.fetch(start, count);
    if (end === this.sizeBytes && count <= KEPT_TAIL_BYTES) known.tail = new Uint8Array(bytes);
    return bytes;
  }

  async close(): Promise<void> {}

  private async fetch(start: number, count: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(count);
    if (count === 0) return bytes;
    let done = 0;
    let before = 0;
    await this.run(
      async (attempt) => {
        before = done;
        if (done === count) return; // only the body's end was missing
        const received = (total: number): void => {
          done = total;
        };
        await this.fill(bytes, start, done, received, attempt);
      },
      () => done - before >= PROGRESS_BYTES,
    );
    return bytes;
  }

  /** Reads what `bytes` lacks from `done` on. @param received called with each new count of bytes that are there */
  private async fill(
    bytes: Buffer,
    start: number,
    done: number,
    received: (total: number) => void,
    attempt: Attempt,
  ): Promise<void> {
    const range = {
      start: start + done,
      end: start + bytes.length,
      version: this.known.stat.version,
    };
    const { stream, offset, sizeBytes } = await this.driver.read(this.key, range, attempt.signal);
    // A client may leave its body open when the signal ends the attempt.
    attempt.signal.addEventListener('abort', () => stream.destroy(), { once: true });
    try {
      if (sizeBytes !== undefined && sizeBytes !== this.sizeBytes) {
        const words = `the file had ${this.sizeBytes} bytes, and has ${sizeBytes} now`;
        throw new CorruptionError(this.name, undefined, words);
      }
      if (offset > range.start) {
        const words = `bytes from ${range.start} wanted, bytes from ${offset} sent`;
        throw new CorruptionError(this.name, range.start, words);
      }
      let toSkip = range.start - offset;
      let filled = done;
      for await (const piece of stream as AsyncIterable<Buffer>) {
        if (attempt.signal.aborted) return;
        attempt.progress();
        const wanted = piece.subarray(Math.min(toSkip, piece.length));
        toSkip -= piece.length - wanted.length;
        const taken = wanted.subarray(0, bytes.length - filled);
        bytes.set(taken, filled);
        filled += taken.length;
        received(filled);
        // A body read to its end leaves its connection to the next request; one that goes on is too long for that.
        if (taken.length < wanted.length) return;
      }
      if (filled === bytes.length) return;
      throw new TruncatedBody(
        `the answer ended after ${filled - done} of ${range.end - range.start} bytes`,
      );
    } finally {
      stream.destroy();
    }
  }
}

/** An attempt that got less than this counts as one that got nothing: a broken proxy must not be asked for ever. */
const PROGRESS_BYTES = 64 << 10;
