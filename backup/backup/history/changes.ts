import { copyBytes } from '../../../base/byte-writer';
import type { BackupChain } from '../../chain';
import { readVersions } from '../../format/mvcc/read-versions';
import type { VersionIterator } from '../../format/mvcc/version-iterator';
import type { KeySpan } from '../../restore/coverage';
import { openSpan, type SpanFiles } from '../../restore/span-files';
import type { PairOutput } from '../layer/pair-output';
import { timeInLayer } from './row-times';

/**
 * What an incremental layer says of a span: the pairs that are not in the chain before it, or are there with another value, and
 * tombstones of those that are in the chain only. The chain itself is read and compared with: so whatever has changed the table
 * since, rows, TRUNCATE, a schema change, the layer is right, and writes pay nothing for it.
 */

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
  private readonly waiting = new WaitingPairs();
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

  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    this.waiting.add(key, keyLength, value, valueLength, timestamp);
  }

  async turn(): Promise<void> {
    const { waiting, before } = this;
    while (waiting.next()) {
      if (before.state === 'unread') await before.load();
      for (let order = before.compare(waiting); order < 0; order = before.compare(waiting)) {
        this.delete();
        if (!before.advance()) await before.load();
      }
      this.compared(before.compare(waiting) === 0);
      if (before.state === 'passed') await before.load();
    }
    waiting.clear();
    await this.output.turn();
  }

  /** Writes the waiting pair, unless the chain has the same. @param isThere the chain has its key */
  private compared(isThere: boolean): void {
    const { waiting, before, options } = this;
    const isSame = isThere && before.hasValue(waiting);
    if (isThere) before.advance();
    if (isSame && !options.introduced) return;
    const { bytes, keyStart, valueStart, end, timestamp } = waiting;
    const key = bytes.subarray(keyStart, valueStart);
    const value = bytes.subarray(valueStart, end);
    this.output.add(key, key.length, value, value.length, timeInLayer(timestamp, options));
  }

  private delete(): void {
    const { keyBuffer, keyLength } = this.before;
    this.output.add(keyBuffer, keyLength, NO_VALUE, 0, this.options.endTime);
  }

  async finish(): Promise<void> {
    const { before } = this;
    await this.turn();
    if (before.state === 'unread') await before.load();
    for (let count = 1; before.state === 'pair'; count++) {
      this.delete();
      if (!before.advance()) await before.load();
      if (count % PAIRS_PER_TURN === 0) await this.output.turn();
    }
    await this.output.finish();
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.before.close();
    await this.files.close();
  }
}

const PAIRS_PER_TURN = 1_000;

/** Pairs that are held until they are compared, their bytes one after the other. */
class WaitingPairs {
  bytes = Buffer.alloc(64 << 10);
  /** Of the current pair: its key, its value, and their end. */
  keyStart = 0;
  valueStart = 0;
  end = 0;
  timestamp: bigint | string = 0n;
  private used = 0;
  /** Of each pair where its value begins and where it ends. */
  private readonly offsets: number[] = [];
  private readonly timestamps: (bigint | string)[] = [];
  private index = 0;

  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    const valueStart = this.used + keyLength;
    const end = valueStart + valueLength;
    if (end > this.bytes.length) {
      const grown = Buffer.allocUnsafe(end * 2);
      this.bytes.copy(grown, 0, 0, this.used);
      this.bytes = grown;
    }
    const { bytes } = this;
    copyBytes(key, 0, keyLength, bytes, this.used);
    copyBytes(value, 0, valueLength, bytes, valueStart);
    this.used = end;
    this.offsets.push(valueStart, end);
    this.timestamps.push(timestamp);
  }

  /** Moves to the next pair. */
  next(): boolean {
    const { offsets, index } = this;
    if (index === this.timestamps.length) return false;
    this.keyStart = index === 0 ? 0 : (offsets[2 * index - 1] as number);
    this.valueStart = offsets[2 * index] as number;
    this.end = offsets[2 * index + 1] as number;
    this.timestamp = this.timestamps[index] as bigint | string;
    this.index++;
    return true;
  }

  clear(): void {
    this.used = 0;
    this.index = 0;
    this.offsets.length = 0;
    this.timestamps.length = 0;
  }
}

/** The pairs that the chain has of a span, one after the other. */
class ChainPairs {
  /** `passed`: the next one has to be loaded. */
  state: 'unread' | 'pair' | 'passed' | 'end' = 'unread';
  private readonly loads: AsyncGenerator<VersionIterator, void, undefined>;
  private versions: VersionIterator | undefined;

  constructor(files: SpanFiles) {
    this.loads = readVersions(files.spans, undefined);
  }

  get keyBuffer(): Uint8Array {
    return this.versions?.keyBuffer ?? NO_VALUE;
  }

  get keyLength(): number {
    return this.versions?.keyLength ?? 0;
  }

  /** With the key of a waiting pair; positive at the end. */
  compare({ bytes, keyStart, valueStart }: WaitingPairs): number {
    const { versions } = this;
    if (this.state === 'end' || versions === undefined) return 1;
    const { keyBuffer, keyLength } = versions;
    const length = valueStart - keyStart;
    const shared = Math.min(keyLength, length);
    for (let i = 0; i < shared; i++) {
      const difference = (keyBuffer[i] as number) - (bytes[keyStart + i] as number);
      if (difference !== 0) return difference;
    }
    return keyLength - length;
  }

  /** Whether the waiting pair's value is the chain's; their checksums, which follow from them, are not compared. */
  hasValue({ bytes, valueStart, end }: WaitingPairs): boolean {
    const { versions } = this;
    if (versions === undefined || bytes[valueStart + TAG_OFFSET] !== versions.tag) return false;
    const { valueBytes, dataStart, dataEnd } = versions;
    const start = valueStart + TAG_OFFSET + 1;
    if (end - start !== dataEnd - dataStart) return false;
    for (let i = 0, count = end - start; i < count; i++) {
      if (bytes[start + i] !== valueBytes[dataStart + i]) return false;
    }
    return true;
  }

  /** @returns false when more has to be loaded */
  advance(): boolean {
    const isPair = this.versions?.next() === true;
    this.state = isPair ? 'pair' : 'passed';
    return isPair;
  }

  /** Moves to the next pair beyond what is loaded, if there is one. */
  async load(): Promise<void> {
    for (;;) {
      const load = await this.loads.next();
      if (load.done === true) {
        this.state = 'end';
        return;
      }
      this.versions = load.value;
      if (this.advance()) return;
    }
  }

  async close(): Promise<void> {
    await this.loads.return();
  }
}

const TAG_OFFSET = 4;
