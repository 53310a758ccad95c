import type { BackupChain } from '../chain';
import { compareKeys } from '../format/compare-keys';
import { readVersions } from '../format/mvcc/read-versions';
import type { VersionIterator } from '../format/mvcc/version-iterator';
import type { KeySpan } from '../restore/coverage';
import { openSpan, type SpanFiles } from '../restore/span-files';
import type { PairOutput } from './pair-output';

/**
 * What an incremental layer says of a span: the pairs that are not in the chain before it, or are there with another value, and
 * tombstones of those that are in the chain only. The chain itself is read and compared with: so whatever has changed the table
 * since, rows, TRUNCATE, a schema change, the layer is right, and writes pay nothing for it.
 */

/** Pairs that are held until they are compared. */
interface WaitingPair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly timestamp: bigint | string;
}

const TAG_OFFSET = 4;
const NO_VALUE = new Uint8Array();

export interface ChangesOptions {
  readonly chain: BackupChain;
  /** Of the layer: versions lie in (start, end]. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  /** The layers before do not cover the span: all of its pairs are written. */
  readonly introduced: boolean;
}

export class Changes implements PairOutput {
  private readonly output: PairOutput;
  private readonly options: ChangesOptions;
  private readonly files: SpanFiles;
  private readonly before: ChainPairs;
  private waiting: WaitingPair[] = [];
  private closed = false;

  private constructor(output: PairOutput, options: ChangesOptions, files: SpanFiles) {
    this.output = output;
    this.options = options;
    this.files = files;
    this.before = new ChainPairs(files);
  }

  static async open(output: PairOutput, span: KeySpan, options: ChangesOptions): Promise<Changes> {
    return new Changes(output, options, await openSpan(options.chain, span));
  }

  add(key: Uint8Array, value: Uint8Array, timestamp: bigint | string): void {
    this.waiting.push({ key: Uint8Array.from(key), value: Uint8Array.from(value), timestamp });
  }

  async turn(): Promise<void> {
    const { waiting, before, options } = this;
    this.waiting = [];
    for (const { key, value, timestamp } of waiting) {
      if (before.isUnread) await before.advance();
      let order = before.compare(key);
      for (; order < 0; order = before.compare(key)) {
        this.delete();
        await before.advance();
      }
      const isThere = order === 0;
      const isSame = isThere && before.hasValue(value);
      if (isThere) await before.advance();
      if (!isSame || options.introduced) this.output.add(key, value, this.timeOf(timestamp));
    }
    await this.output.turn();
  }

  /** Later than all that the chain has of the key. */
  private timeOf(timestamp: bigint | string): bigint | string {
    const wall = typeof timestamp === 'bigint' ? timestamp : BigInt(timestamp.split('.')[0] ?? 0);
    return wall > this.options.startTime ? timestamp : this.options.endTime;
  }

  private delete(): void {
    this.output.add(this.before.key, NO_VALUE, this.options.endTime);
  }

  async finish(): Promise<void> {
    try {
      await this.turn();
      for (let count = 1; await this.before.present(); count++) {
        this.delete();
        await this.before.advance();
        if (count % PAIRS_PER_TURN === 0) await this.output.turn();
      }
      await this.output.finish();
    } finally {
      await this.close();
    }
  }

  /** Also without `finish`, when something has failed. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.before.close();
    await this.files.close();
  }
}

const PAIRS_PER_TURN = 1_000;

/** The pairs that the chain has of a span, one after the other. */
class ChainPairs {
  private readonly loads: AsyncGenerator<VersionIterator, void, undefined>;
  private versions: VersionIterator | undefined;
  private state: 'unread' | 'pair' | 'end' = 'unread';

  constructor(files: SpanFiles) {
    this.loads = readVersions(files.spans, undefined);
  }

  get key(): Uint8Array {
    return this.versions?.key ?? NO_VALUE;
  }

  get isUnread(): boolean {
    return this.state === 'unread';
  }

  /** Positive at the end. */
  compare(key: Uint8Array): number {
    if (this.state === 'end' || this.versions === undefined) return 1;
    const { keyBuffer, keyLength } = this.versions;
    return compareKeys(keyBuffer, keyLength, key, key.length);
  }

  /** @param value with its checksum in front, which is not compared */
  hasValue(value: Uint8Array): boolean {
    const { versions } = this;
    if (versions === undefined || value[TAG_OFFSET] !== versions.tag) return false;
    return Buffer.compare(versions.data, value.subarray(TAG_OFFSET + 1)) === 0;
  }

  async advance(): Promise<void> {
    if (this.versions?.next() === true) {
      this.state = 'pair';
      return;
    }
    for (;;) {
      const load = await this.loads.next();
      if (load.done === true) {
        this.state = 'end';
        return;
      }
      this.versions = load.value;
      if (!this.versions.next()) continue;
      this.state = 'pair';
      return;
    }
  }

  async present(): Promise<boolean> {
    if (this.isUnread) await this.advance();
    return this.state === 'pair';
  }

  async close(): Promise<void> {
    await this.loads.return();
  }
}
