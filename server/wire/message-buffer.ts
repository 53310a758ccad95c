import { Writer } from 'pg-server/protocol/buffer-writer';

/** What `Writer` has but declares private. */
interface WriterInternals {
  buffer: Buffer;
  offset: number;
  headerPosition: number;
  ensure(sizeBytes: number): void;
  addInt32(value: number): this;
  byte(value: number): this;
  addInt16(value: number): this;
  addCString(text: string): this;
  addString(text?: string): this;
  add(bytes: Buffer): this;
  flush(code?: number): Buffer;
}

const Base = Writer as unknown as new (sizeBytes?: number) => WriterInternals;

const HEADER_BYTES = 5;
/** Small enough for Node's buffer pool, large enough for most answers. */
const INITIAL_BYTES = 2_048;
const NOTHING = Buffer.alloc(0);
/** Up to this many bytes a loop copies faster than a call. */
const LOOP_BYTES_MAX = 256;

function copyBytes(from: Uint8Array, to: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) to[at + i] = from[i] ?? 0;
}

/**
 * pg-server's writer keeping many messages in one buffer, where the original allocates one a message. `headerPosition` is
 * where the message being written starts; its five header bytes are reserved ahead, as the original does.
 */
export class MessageBuffer extends Base {
  constructor() {
    super(INITIAL_BYTES);
  }

  /** Bytes of finished messages. */
  get finishedBytes(): number {
    return this.headerPosition;
  }

  /** Finishes the message under way. The return value is always empty: `take` gives the bytes. */
  override flush(code: number): Buffer {
    const { buffer, headerPosition: at } = this;
    const length = this.offset - at - 1;
    buffer[at] = code;
    buffer[at + 1] = length >>> 24;
    buffer[at + 2] = length >>> 16;
    buffer[at + 3] = length >>> 8;
    buffer[at + 4] = length;
    this.startMessage();
    return NOTHING;
  }

  /** Appends finished messages. */
  addMessages(bytes: Uint8Array): void {
    const { length } = bytes;
    this.offset = this.headerPosition;
    this.ensure(length);
    if (length > LOOP_BYTES_MAX) this.buffer.set(bytes, this.offset);
    else copyBytes(bytes, this.buffer, this.offset, length);
    this.offset += length;
    this.startMessage();
  }

  /** A copy of the messages that were finished after the first `start` bytes. */
  finishedSince(start: number): Uint8Array {
    return Uint8Array.prototype.slice.call(this.buffer, start, this.headerPosition);
  }

  /** The finished messages, in memory that is the caller's from now on. */
  take(): Buffer {
    const length = this.headerPosition;
    let finished: Buffer;
    if (length > LOOP_BYTES_MAX) {
      finished = this.buffer.subarray(0, length);
      this.buffer = Buffer.allocUnsafe(INITIAL_BYTES);
    } else {
      // Small ones leave the buffer where it is: a new one for each costs more.
      finished = Buffer.allocUnsafe(length);
      copyBytes(this.buffer, finished, 0, length);
    }
    this.headerPosition = 0;
    this.offset = HEADER_BYTES;
    return finished;
  }

  private startMessage(): void {
    this.headerPosition = this.offset;
    this.ensure(HEADER_BYTES);
    this.offset += HEADER_BYTES;
  }
}
