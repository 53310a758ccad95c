import { CorruptionError, SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import { limits } from '../../../base/limits';
import type { ExternalFile } from '../external-storage';
import type { Attempt } from './attempts';
import { KEPT_TAIL_BYTES, type KnownObject } from './known-objects';
import type { ObjectDriver, ObjectStat, UnknownBody, UnknownRange } from './object-driver';
import type { Run } from './object-storage';
import { ReceivedBytes } from './received-bytes';

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

  get tail(): Uint8Array | undefined {
    return this.known.tail;
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
    const received = new ReceivedBytes(this.name, known.stat, start, count);
    if (known.head !== undefined) received.put(known.head.subarray(start, end));
    await this.fetch(received);
    const { bytes } = received;
    if (end === this.sizeBytes && count <= KEPT_TAIL_BYTES) known.tail = new Uint8Array(bytes);
    return bytes;
  }

  async close(): Promise<void> {}

  private async fetch(received: ReceivedBytes): Promise<void> {
    if (received.isComplete) return;
    let before = 0;
    await this.run(
      async (attempt) => {
        before = received.count;
        await received.fetchRest(this.driver, this.key, attempt);
      },
      () => received.count - before >= PROGRESS_BYTES,
    );
  }
}

/** An attempt that got less than this counts as one that got nothing: a broken proxy must not be asked for ever. */
const PROGRESS_BYTES = 64 << 10;

/**
 * All of an object, by one request where nothing breaks.
 * @param name for messages
 * @throws SqlError programLimitExceeded (54000) above `bytesMax`
 */
export async function readWholeObject(
  driver: ObjectDriver,
  key: string,
  name: string,
  bytesMax: number,
  run: Run,
): Promise<Uint8Array> {
  let received: ReceivedBytes | undefined;
  let before = 0;
  const start = (stat: ObjectStat): ReceivedBytes => {
    const { sizeBytes } = stat;
    if (sizeBytes > Math.min(bytesMax, limits.externalReadBytesMax)) {
      const message = `${name} has ${sizeBytes} bytes, at most ${bytesMax} are read`;
      throw new SqlError('programLimitExceeded', message);
    }
    received = new ReceivedBytes(name, stat, 0, sizeBytes);
    return received;
  };
  await run(
    async (attempt) => {
      before = received?.count ?? 0;
      const { signal } = attempt;
      const body =
        received === undefined ? await driver.readUnknown?.(key, 'whole', signal) : undefined;
      if (body === undefined) {
        received ??= start(await driver.stat(key, signal));
        await received.fetchRest(driver, key, attempt);
        return;
      }
      try {
        await start(body.stat).take(body, attempt);
      } finally {
        body.stream.destroy();
      }
    },
    () => (received?.count ?? 0) - before >= PROGRESS_BYTES,
  );
  return defined(received, 'an object that was read').bytes;
}

/**
 * What is to be known of a final object.
 * @param headBytes how many of its first bytes are asked for; 0: none
 * @returns no tail where it takes a request of its own
 */
export async function learnOf(
  driver: ObjectDriver,
  key: string,
  name: string,
  headBytes: number,
  attempt: Attempt,
): Promise<KnownObject> {
  const which = headBytes > 0 ? { first: headBytes } : { last: KEPT_TAIL_BYTES };
  const body = await readUnknown(driver, key, which, attempt.signal);
  if (body === undefined) return { stat: await driver.stat(key, attempt.signal) };
  const { stat, stream } = body;
  try {
    const count = Math.min(stat.sizeBytes, headBytes || KEPT_TAIL_BYTES);
    const start = headBytes > 0 ? 0 : stat.sizeBytes - count;
    // Servers without such ranges send the whole, or the first bytes.
    if (body.offset !== start) return { stat };
    const received = new ReceivedBytes(name, stat, start, count);
    await received.take(body, attempt);
    const { bytes } = received;
    if (headBytes === 0) return { stat, tail: bytes };
    const isWhole = count === stat.sizeBytes;
    return isWhole ? { stat, head: bytes, tail: lastOf(bytes) } : { stat, head: bytes };
  } finally {
    stream.destroy();
  }
}

/** A copy: where it goes with the file, it goes without the rest. */
const lastOf = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, Math.max(0, bytes.length - KEPT_TAIL_BYTES));

async function readUnknown(
  driver: ObjectDriver,
  key: string,
  which: UnknownRange,
  signal: AbortSignal,
): Promise<UnknownBody | undefined> {
  try {
    return await driver.readUnknown?.(key, which, signal);
  } catch (error) {
    // An empty object has no first byte: services refuse the range.
    if (driver.reasonOf(error).kind === 'permanent') return undefined;
    throw error;
  }
}
