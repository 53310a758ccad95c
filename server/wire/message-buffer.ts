import { Writer } from 'pg-server/protocol/buffer-writer';

/** What `Writer` has but declares private. */
interface WriterInternals {
  buffer: Buffer;
  offset: number;
  headerPosition: number;
  ensure(sizeBytes: number): void;
  join(code?: number): Buffer;
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
    this.join(code);
    this.startMessage();
    return NOTHING;
  }

  /** Appends finished messages. */
  addMessages(bytes: Uint8Array): void {
    this.offset = this.headerPosition;
    this.ensure(bytes.length);
    this.buffer.set(bytes, this.offset);
    this.offset += bytes.length;
    this.startMessage();
  }

  /** The finished messages, in memory that is the caller's from now on. */
  take(): Buffer {
    const finished = this.buffer.subarray(0, this.headerPosition);
    this.buffer = Buffer.allocUnsafe(INITIAL_BYTES);
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
