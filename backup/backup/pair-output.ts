import type { KeySpan } from '../restore/coverage';
import { type FinishedFile, SpanWriter, type SpanWriterOptions } from './span-writer';

/** Where the pairs of one span go, in key order. */
export interface PairOutput {
  /** Both are copied. @param key without MVCC suffix @param value its checksum, tag and data */
  add(key: Uint8Array, value: Uint8Array, timestamp: bigint | string): void;
  /** Writes what waits; to be called once in a while, and when nothing more comes. */
  turn(): Promise<void>;
  /** After the last pair. */
  finish(): Promise<void>;
}

/** Writes finished files and lets messages in. @throws the signal's reason */
export type FileSink = (finished: FinishedFile[]) => Promise<void>;

/** All pairs of a span, as a full backup has them. */
export class SpanOutput implements PairOutput {
  private readonly writer: SpanWriter;
  private readonly sink: FileSink;

  constructor(span: KeySpan, options: SpanWriterOptions, sink: FileSink) {
    this.writer = new SpanWriter(span, options);
    this.sink = sink;
  }

  add(key: Uint8Array, value: Uint8Array, timestamp: bigint | string): void {
    this.writer.add(key, value, timestamp);
  }

  async turn(): Promise<void> {
    await this.sink(this.writer.finished);
  }

  async finish(): Promise<void> {
    this.writer.finish();
    await this.turn();
  }
}
