import { CommandParser } from 'pg-server/protocol/command-parser';
import {
  CommandCode,
  type DbCommand,
  type Init,
  type Parse,
  type PortalOp,
} from 'pg-server/protocol/commands';
import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { FormatCode } from '../../sql/engine';
import { BoundedReader } from './bounded-reader';
import {
  type BindMessage,
  type CancelRequest,
  type EncryptionRequest,
  type FrontendMessage,
  FUNCTION_CALL,
  type StartupMessage,
} from './frontend-message';
import { ProtocolError } from './protocol-error';

// A message:                         A startup packet:
//    0  1  type                         0  4  length, itself included
//    1  4  length, without the type     4  4  protocol version or request code
//    5  …  body                         8  …  body
// Source: PostgreSQL documentation, "Message Formats".

const HEADER_BYTES = 5;
const STARTUP_HEADER_BYTES = 8;

/** Second word of the startup packets that are not a startup. */
const REQUEST_CODE = { cancel: 80877102, ssl: 80877103, gss: 80877104 } as const;

const NAME_MESSAGE_BYTES_MAX = 10_000;

/** Longest length word by type; a type that is not here is none. */
const MESSAGE_BYTES_MAX: ReadonlyMap<number, number> = new Map([
  [CommandCode.sync, 4],
  [CommandCode.flush, 4],
  [CommandCode.end, 4],
  [CommandCode.copyDone, 4],
  [CommandCode.describe, NAME_MESSAGE_BYTES_MAX],
  [CommandCode.close, NAME_MESSAGE_BYTES_MAX],
  [CommandCode.execute, NAME_MESSAGE_BYTES_MAX],
  [CommandCode.copyFail, NAME_MESSAGE_BYTES_MAX],
  [CommandCode.startup, NAME_MESSAGE_BYTES_MAX],
  [CommandCode.query, limits.messageBytesMax],
  [CommandCode.parse, limits.messageBytesMax],
  [CommandCode.bind, limits.messageBytesMax],
  [CommandCode.copyFromChunk, limits.messageBytesMax],
  [FUNCTION_CALL, limits.messageBytesMax],
]);

/** What `CommandParser` has but declares private. */
interface CommandParserInternals {
  buffer: Buffer;
  bufferLength: number;
  bufferOffset: number;
  reader: BoundedReader;
  started: boolean;
  parse(chunk: Buffer): void;
  mergeBuffer(chunk: Buffer): void;
  handlePacket(offset: number, type: number, length: number): DbCommand;
  parseInit(): Init;
}

const Base = CommandParser as unknown as new (
  callback: (command: unknown) => void,
) => CommandParserInternals;

const NOTHING = Buffer.alloc(0);

/**
 * The client's byte stream as messages. Bytes go in with `parse`, in any pieces; messages are pulled with `next`, one at a
 * time, so that a connection decodes only what it is about to run. What of pg-server's parser is kept and what is not, and
 * why: docs/decisions/0003-pg-server.md.
 */
export class FrontendParser extends Base {
  /** Set after an error in the extended protocol: messages are dropped unread until Sync or Terminate. */
  discarding = false;
  /** Before the client has logged in: it may give a password or leave, and nothing else is read. */
  onlyPasswords = false;
  /** Type byte of the message that `next` returned or threw for; 0 before the first. */
  lastType = 0;

  constructor() {
    super(() => undefined);
    this.reader = new BoundedReader();
  }

  /** Bytes received and not yet consumed. */
  get bufferedBytes(): number {
    return this.bufferLength;
  }

  override parse(chunk: Buffer): void {
    if (chunk.length > 0) this.mergeBuffer(chunk);
  }

  /**
   * The next message, or `undefined` when more bytes are needed.
   * @throws ProtocolError the stream is broken. SqlError (22021) text that is not UTF-8; the message is consumed.
   */
  next(): FrontendMessage | undefined {
    return this.started ? this.nextMessage() : this.nextStartupPacket();
  }

  private nextStartupPacket(): FrontendMessage | undefined {
    if (this.bufferLength < 4) return undefined;
    const start = this.bufferOffset;
    const length = this.buffer.readUInt32BE(start);
    if (length < STARTUP_HEADER_BYTES || length > limits.startupPacketBytesMax) {
      throw new ProtocolError('invalid length of startup packet');
    }
    if (this.bufferLength < length) return undefined;
    const buffer = this.buffer;
    this.consume(length);
    this.reader.setBuffer(start + 4, buffer);
    this.reader.end = start + length;
    const message = this.decodeStartup();
    this.started = message.type === 'startup';
    return message;
  }

  private decodeStartup(): StartupMessage | EncryptionRequest | CancelRequest {
    const reader = this.reader;
    const code = reader.uint32();
    if (code === REQUEST_CODE.ssl || code === REQUEST_CODE.gss) {
      reader.expectEnd();
      return { type: 'encryptionRequest', kind: code === REQUEST_CODE.ssl ? 'ssl' : 'gss' };
    }
    if (code === REQUEST_CODE.cancel) {
      const request: CancelRequest = {
        type: 'cancelRequest',
        processId: reader.int32(),
        secretKey: reader.int32(),
      };
      reader.expectEnd();
      return request;
    }
    const major = code >>> 16;
    if (major !== 3) {
      const version = `${major}.${code & 0xffff}`;
      throw new SqlError(
        'featureNotSupported',
        `unsupported frontend protocol ${version}: server supports 3.0 to 3.0`,
      );
    }
    reader.offset -= 4;
    const init = this.parseInit();
    reader.expectEnd();
    return {
      type: 'startup',
      minorVersion: code & 0xffff,
      parameters: new Map(Object.entries(init.options)),
    };
  }

  private nextMessage(): FrontendMessage | undefined {
    while (this.bufferLength >= HEADER_BYTES) {
      const start = this.bufferOffset;
      const type = this.buffer.readUInt8(start);
      const length = this.buffer.readUInt32BE(start + 1);
      const lengthMax = MESSAGE_BYTES_MAX.get(type);
      if (lengthMax === undefined) {
        throw new ProtocolError(`invalid frontend message type ${type}`);
      }
      if (this.onlyPasswords && type !== CommandCode.startup && type !== CommandCode.end) {
        throw new ProtocolError(`expected a password, got message type ${type}`);
      }
      if (length < 4 || length > lengthMax) throw new ProtocolError('invalid message length');
      if (this.bufferLength < 1 + length) return undefined;
      if (this.discarding && type !== CommandCode.sync && type !== CommandCode.end) {
        this.consume(1 + length);
        continue;
      }
      this.lastType = type;
      return this.decode(start, type, length);
    }
    return undefined;
  }

  private decode(start: number, type: number, length: number): FrontendMessage {
    const bodyStart = start + HEADER_BYTES;
    const buffer = this.buffer;
    this.reader.setBuffer(bodyStart, buffer);
    this.reader.end = start + 1 + length;
    try {
      const message = this.decodeBody(bodyStart, type, length);
      this.reader.expectEnd();
      return message;
    } finally {
      this.consume(1 + length);
    }
  }

  private decodeBody(bodyStart: number, type: number, length: number): FrontendMessage {
    const reader = this.reader;
    switch (type) {
      case CommandCode.bind:
        return this.decodeBind();
      case CommandCode.parse:
        return this.decodeParse();
      case CommandCode.copyFromChunk:
        return { type: CommandCode.copyFromChunk, buffer: reader.bytes(reader.remaining) };
      case CommandCode.startup:
        return { type: 'password', data: Uint8Array.from(reader.bytes(reader.remaining)) };
      case FUNCTION_CALL:
        reader.bytes(reader.remaining);
        return { type: 'functionCall' };
      case CommandCode.describe:
      case CommandCode.close:
        return this.decodePortalOperation(bodyStart, type, length);
      default:
        // Query, Execute, Flush, Sync, Terminate, CopyDone and CopyFail are right as they are.
        return this.handlePacket(bodyStart, type, length) as FrontendMessage;
    }
  }

  private decodePortalOperation(bodyStart: number, type: number, length: number): PortalOp {
    const kind = this.buffer[bodyStart];
    if (length < 6 || (kind !== 0x50 && kind !== 0x53)) {
      throw new ProtocolError('invalid object type in message');
    }
    return this.handlePacket(bodyStart, type, length) as PortalOp;
  }

  private decodeParse(): Parse {
    const reader = this.reader;
    const queryName = reader.cstring();
    const query = reader.cstring();
    const count = reader.uint16();
    const parameters: number[] = [];
    for (let i = 0; i < count; i++) parameters.push(reader.uint32());
    return { type: CommandCode.parse, queryName, query, parameters };
  }

  private decodeBind(): BindMessage {
    const reader = this.reader;
    const portal = reader.cstring();
    const statement = reader.cstring();
    const parameterFormats = this.decodeFormats();
    const count = reader.uint16();
    const parameters: (Uint8Array | null)[] = [];
    for (let i = 0; i < count; i++) {
      const sizeBytes = reader.int32();
      if (sizeBytes < -1) throw new ProtocolError('invalid parameter length in Bind message');
      // Copied: the portal outlives the receive buffer, which is reused.
      parameters.push(sizeBytes === -1 ? null : new Uint8Array(reader.bytes(sizeBytes)));
    }
    const resultFormats = this.decodeFormats();
    return { type: 'bind', portal, statement, parameterFormats, parameters, resultFormats };
  }

  private decodeFormats(): FormatCode[] {
    const count = this.reader.uint16();
    const formats: FormatCode[] = [];
    for (let i = 0; i < count; i++) {
      const code = this.reader.uint16();
      if (code !== 0 && code !== 1) throw new ProtocolError(`unsupported format code: ${code}`);
      formats.push(code);
    }
    return formats;
  }

  /** Moves past `count` bytes; views of them are good until more bytes come in. */
  private consume(count: number): void {
    this.bufferOffset += count;
    this.bufferLength -= count;
    if (this.bufferLength === 0) {
      this.buffer = NOTHING;
      this.bufferOffset = 0;
    }
  }
}
