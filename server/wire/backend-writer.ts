import type { Socket } from 'node:net';
import { ResponseWriter } from 'pg-server/protocol/response-writer';
import { type FieldDesc, ResponseCode } from 'pg-server/protocol/responses';
import type { CopyShape, FormatCode, Notice, ResultColumn } from '../../sql/engine';
import type { ErrorFields } from './error-response';
import { MessageBuffer } from './message-buffer';
import { fieldDescriptions } from './row-description';

/** What `ResponseWriter` has, with its private parts and without what we replace. */
interface ResponseWriterInternals {
  socket: Socket;
  writer: MessageBuffer;
  flush(code: number): void;
  bindComplete(): void;
  parseComplete(): void;
  closeComplete(): void;
  noData(): void;
  portalSuspended(): void;
  emptyQuery(): void;
  readyForQuery(status?: string): void;
  commandComplete(tag: string): void;
  parameterStatus(name: string, value: string): void;
  backendKeyData(processId: number, secretKey: number): void;
  parameterDescription(oids: number[]): void;
  rowDescription(fields: FieldDesc[]): void;
  authenticationOk(): void;
  dataRow(values: readonly (string | null)[]): void;
}

const Base = ResponseWriter as unknown as new (socket: Socket) => ResponseWriterInternals;

const AUTHENTICATION_MESSAGE = 0x52; // 'R'
/** What an authentication message asks for. Source: PostgreSQL documentation, "Message Formats". */
const AUTHENTICATION = { cleartext: 3, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;
const NEGOTIATE_PROTOCOL_VERSION = 0x76; // 'v'
const COPY_IN_RESPONSE = 0x47; // 'G'
const COPY_OUT_RESPONSE = 0x48; // 'H'
const COPY_DONE = 0x63; // 'c'
/** From here on a batch of rows is sent from its own memory instead of being copied. */
const OWN_CHUNK_BYTES_MIN = 16 << 10;

/** RowDescription messages, by the columns that they are of: all text, all binary. */
const descriptions = [
  new WeakMap<readonly ResultColumn[], Uint8Array>(),
  new WeakMap<readonly ResultColumn[], Uint8Array>(),
] as const;

/** CommandComplete messages by tag: most statements have one of a few. */
const tags = new Map<string, Uint8Array>();
const TAGS_MAX = 256;

/**
 * The server's messages. They gather in memory until `send`, which gives them to the socket at once. What of pg-server's
 * writer is kept and what is not, and why: docs/decisions/0003-pg-server.md.
 */
export class BackendWriter extends Base {
  private readonly chunks: Uint8Array[] = [];
  private chunkBytes = 0;

  constructor(socket: Socket) {
    super(socket);
    this.writer = new MessageBuffer();
  }

  /** Bytes of finished messages not yet given to the socket. */
  get pendingBytes(): number {
    return this.chunkBytes + this.writer.finishedBytes;
  }

  /** Ends a message; unlike the original, writes nothing to the socket. */
  override flush(code: number): void {
    this.writer.flush(code);
  }

  /** Gives everything pending to the socket in one write. False: wait for 'drain' before writing more. */
  send(): boolean {
    if (this.writer.finishedBytes > 0) this.pushChunk(this.writer.take());
    const socket = this.socket;
    let more = !socket.writableNeedDrain;
    const [first] = this.chunks;
    if (first !== undefined) {
      if (this.chunks.length > 1) socket.cork();
      for (const chunk of this.chunks) more = socket.write(chunk);
      socket.uncork();
      this.chunks.length = 0;
      this.chunkBytes = 0;
    }
    return more;
  }

  /**
   * What rows look like: encoded once for all statements with the same columns.
   * @param formats none = all text, one = for all columns, else one a column
   */
  rowDescriptionOf(columns: readonly ResultColumn[], formats: readonly FormatCode[]): void {
    const [format = 0] = formats;
    const known = formats.length > 1 ? undefined : descriptions[format];
    const bytes = known?.get(columns);
    if (bytes !== undefined) {
      this.writer.addMessages(bytes);
      return;
    }
    const start = this.writer.finishedBytes;
    this.rowDescription(fieldDescriptions(columns, formats));
    known?.set(columns, this.writer.finishedSince(start));
  }

  override commandComplete(tag: string): void {
    const known = tags.get(tag);
    if (known !== undefined) {
      this.writer.addMessages(known);
      return;
    }
    const start = this.writer.finishedBytes;
    super.commandComplete(tag);
    if (tags.size < TAGS_MAX) tags.set(tag, this.writer.finishedSince(start));
  }

  /** Ready DataRow messages, back to back; large ones are kept by reference until they are sent. */
  dataRows(messages: Uint8Array): void {
    if (messages.length < OWN_CHUNK_BYTES_MIN) {
      this.writer.addMessages(messages);
      return;
    }
    if (this.writer.finishedBytes > 0) this.pushChunk(this.writer.take());
    this.pushChunk(messages);
  }

  /** One row of text values. The original counts characters where the protocol wants bytes. */
  override dataRow(values: readonly (string | null)[]): void {
    this.writer.addInt16(values.length);
    for (const value of values) {
      this.writer.addInt32(value === null ? -1 : Buffer.byteLength(value));
      if (value !== null) this.writer.addString(value);
    }
    this.flush(ResponseCode.DataRow);
  }

  /** What is sent from now on goes to another socket: the same connection, encrypted. */
  useSocket(socket: Socket): void {
    this.socket = socket;
  }

  authenticationCleartextPassword(): void {
    this.authentication(AUTHENTICATION.cleartext, '');
  }

  authenticationSasl(mechanisms: readonly string[]): void {
    this.authentication(AUTHENTICATION.sasl, `${mechanisms.map((name) => `${name}\0`).join('')}\0`);
  }

  authenticationSaslContinue(data: string): void {
    this.authentication(AUTHENTICATION.saslContinue, data);
  }

  authenticationSaslFinal(data: string): void {
    this.authentication(AUTHENTICATION.saslFinal, data);
  }

  private authentication(request: number, data: string): void {
    this.writer.addInt32(request).addString(data);
    this.flush(AUTHENTICATION_MESSAGE);
  }

  errorResponse(fields: ErrorFields): void {
    this.fields(fields, ResponseCode.ErrorMessage);
  }

  noticeResponse(notice: Notice): void {
    this.fields({ ...notice, sqlstate: notice.code }, ResponseCode.NoticeMessage);
  }

  copyInResponse(shape: CopyShape): void {
    this.copyResponse(shape, COPY_IN_RESPONSE);
  }

  copyOutResponse(shape: CopyShape): void {
    this.copyResponse(shape, COPY_OUT_RESPONSE);
  }

  copyDone(): void {
    this.flush(COPY_DONE);
  }

  private copyResponse({ isBinary, columnCount }: CopyShape, code: number): void {
    const format = isBinary ? 1 : 0;
    this.writer.byte(format);
    this.writer.addInt16(columnCount);
    for (let i = 0; i < columnCount; i++) this.writer.addInt16(format);
    this.flush(code);
  }

  /** @param options names of protocol options (`_pq_.…`) that we don't know. */
  negotiateProtocolVersion(newestMinor: number, options: readonly string[]): void {
    this.writer.addInt32(newestMinor);
    this.writer.addInt32(options.length);
    for (const option of options) this.writer.addCString(option);
    this.flush(NEGOTIATE_PROTOCOL_VERSION);
  }

  private pushChunk(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.chunkBytes += chunk.length;
  }

  /** The original knows no V field and prints a stack for the message. */
  private fields(
    fields: Omit<ErrorFields, 'severity'> & { readonly severity: string },
    code: number,
  ): void {
    this.field('S', fields.severity);
    this.field('V', fields.severity);
    this.field('C', fields.sqlstate);
    this.field('M', fields.message);
    this.field('D', fields.detail);
    this.field('H', fields.hint);
    this.field('P', fields.position?.toString());
    this.field('W', fields.context);
    this.field('n', fields.constraint);
    this.writer.byte(0);
    this.flush(code);
  }

  private field(code: string, value: string | undefined): void {
    if (value === undefined) return;
    // A NUL would end the field early and turn its rest into other fields.
    this.writer.addString(code).addCString(value.replaceAll('\0', '\\0'));
  }
}
