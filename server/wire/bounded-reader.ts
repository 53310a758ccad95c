import { BufferReader } from 'pg-server/protocol/buffer-reader';
import { utf8Text } from '../../base/utf8';
import { ProtocolError } from './protocol-error';

/** What `BufferReader` has but declares private. */
interface BufferReaderInternals {
  offset: number;
  buffer: Buffer;
  setBuffer(offset: number, buffer: Buffer): void;
  int16(): number;
  uint16(): number;
  byte(): number;
  int32(): number;
  uint32(): number;
  string(length: number): string;
  cstring(): string;
  bytes(length: number): Buffer;
}

const SHORT_BYTES_MAX = 32;

const Base = BufferReader as unknown as new () => BufferReaderInternals;

/**
 * pg-server's reader confined to one message: the original reads on into the next message, and its `cstring` never ends
 * when the terminator is missing. Text must be UTF-8 (22021): a lenient decoder would run another statement than was sent.
 */
export class BoundedReader extends Base {
  /** First offset that is not part of the message; the caller sets it before it lets anybody read. */
  end = 0;

  get remaining(): number {
    return this.end - this.offset;
  }

  /** @throws ProtocolError when the message has bytes that its type does not know. */
  expectEnd(): void {
    if (this.offset !== this.end) throw new ProtocolError('invalid message format');
  }

  private need(count: number): void {
    if (count < 0 || count > this.end - this.offset) {
      throw new ProtocolError('insufficient data left in message');
    }
  }

  override int16(): number {
    this.need(2);
    return super.int16();
  }

  override uint16(): number {
    this.need(2);
    return super.uint16();
  }

  override byte(): number {
    this.need(1);
    return super.byte();
  }

  override int32(): number {
    this.need(4);
    return super.int32();
  }

  override uint32(): number {
    this.need(4);
    return super.uint32();
  }

  override string(length: number): string {
    return utf8Text(this.bytes(length));
  }

  override bytes(length: number): Buffer {
    this.need(length);
    return super.bytes(length);
  }

  /** Most names are short and plain: looking at their bytes costs less than asking what they are. */
  private shortAscii(start: number): string | undefined {
    const { buffer } = this;
    const end = Math.min(this.end, start + SHORT_BYTES_MAX);
    for (let i = start; i < end; i++) {
      const byte = buffer[i] ?? 0;
      if (byte >= 0x80) return undefined;
      if (byte !== 0) continue;
      this.offset = i + 1;
      return i === start ? '' : buffer.toString('latin1', start, i);
    }
    return undefined;
  }

  override cstring(): string {
    const start = this.offset;
    const ascii = this.shortAscii(start);
    if (ascii !== undefined) return ascii;
    const terminator = this.buffer.indexOf(0, start);
    if (terminator < 0 || terminator >= this.end) {
      throw new ProtocolError('invalid string in message');
    }
    this.offset = terminator + 1;
    return utf8Text(this.buffer.subarray(start, terminator));
  }
}
