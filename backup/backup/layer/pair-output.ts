import type { KeySpan } from '../../restore/coverage';
import { type FinishedFile, SpanWriter, type SpanWriterOptions } from './span-writer';

/** Where the pairs of one span go, in key order. */
export interface PairOutput {
  /** `key[0, keyLength)`, without MVCC suffix, and `value[0, valueLength)`: its checksum, tag and data. Both are copied. */
  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void;
  /** Writes what waits; to be called once in a while, and when nothing more comes. */
  turn(): Promise<void>;
  /** After the last pair. */
  finish(): Promise<void>;
  /** Also without `finish`, when something has failed. */
  close(): Promise<void>;
}

/** Writes finished files and lets messages in. @throws the signal's reason */
export type FileSink = (finished: FinishedFile[]) => Promise<void>;

/** All pairs of a span, as a full backup has them. */
export class SpanOutput implements PairOutput {
  readonly writer: SpanWriter;
  private readonly sink: FileSink;

  constructor(span: KeySpan, options: SpanWriterOptions, sink: FileSink) {
    this.writer = new SpanWriter(span, options);
    this.sink = sink;
  }

  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    this.writer.add(key, keyLength, value, valueLength, timestamp);
  }

  async turn(): Promise<void> {
    await this.sink(this.writer.finished);
  }

  async finish(): Promise<void> {
    this.writer.finish();
    await this.turn();
  }

  async close(): Promise<void> {}
}
