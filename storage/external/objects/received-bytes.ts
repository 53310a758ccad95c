import type { Readable } from 'node:stream';
import { CorruptionError } from '../../../base/errors';
import type { Attempt } from './attempts';
import type { ObjectDriver, ObjectStat } from './object-driver';

/** The answer ended before all of its bytes were there. */
class TruncatedBody extends Error {}

/** Some bytes of an object, filled from the first to the last by as many answers as it takes. */
export class ReceivedBytes {
  readonly bytes: Buffer;
  /** How many of them are there. */
  count = 0;
  private readonly name: string;
  private readonly stat: ObjectStat;
  private readonly start: number;

  /** @param name for messages @param start offset in the object of the first of `size` bytes */
  constructor(name: string, stat: ObjectStat, start: number, size: number) {
    this.name = name;
    this.stat = stat;
    this.start = start;
    // Memory of its own, which can be given to another thread.
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get isComplete(): boolean {
    return this.count === this.bytes.length;
  }

  /** The first bytes, from elsewhere. */
  put(first: Uint8Array): void {
    this.bytes.set(first);
    this.count = first.length;
  }

  /** Asks for what is missing. */
  async fetchRest(driver: ObjectDriver, key: string, attempt: Attempt): Promise<void> {
    const { start, count, bytes, stat, name } = this;
    if (this.isComplete) return; // only the body's end was missing
    const range = { start: start + count, end: start + bytes.length, version: stat.version };
    const body = await driver.read(key, range, attempt.signal);
    try {
      const { sizeBytes } = body;
      if (sizeBytes !== undefined && sizeBytes !== stat.sizeBytes) {
        const words = `the file had ${stat.sizeBytes} bytes, and has ${sizeBytes} now`;
        throw new CorruptionError(name, undefined, words);
      }
      await this.take(body, attempt);
    } finally {
      body.stream.destroy();
    }
  }

  /** Takes what is missing out of a body. It is the caller's to destroy. */
  async take(
    { stream, offset }: { readonly stream: Readable; readonly offset: number },
    attempt: Attempt,
  ): Promise<void> {
    // A client may leave its body open when the signal ends the attempt.
    attempt.signal.addEventListener('abort', () => stream.destroy(), { once: true });
    const { bytes } = this;
    const before = this.count;
    const wantedStart = this.start + before;
    if (offset > wantedStart) {
      const words = `bytes from ${wantedStart} wanted, bytes from ${offset} sent`;
      throw new CorruptionError(this.name, wantedStart, words);
    }
    let toSkip = wantedStart - offset;
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (attempt.signal.aborted) return;
      attempt.progress();
      const wanted = piece.subarray(Math.min(toSkip, piece.length));
      toSkip -= piece.length - wanted.length;
      const taken = wanted.subarray(0, bytes.length - this.count);
      bytes.set(taken, this.count);
      this.count += taken.length;
      // A body read to its end leaves its connection to the next request; one that goes on is too long for that.
      if (taken.length < wanted.length) return;
    }
    if (this.isComplete) return;
    const words = `${this.count - before} of ${bytes.length - before} bytes`;
    throw new TruncatedBody(`the answer ended after ${words}`);
  }
}
