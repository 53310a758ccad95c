import { connect, type Socket } from 'node:net';

/** What an ErrorResponse said. */
export class WireError extends Error {
  readonly sqlstate: string;

  constructor(sqlstate: string, message: string) {
    super(message);
    this.sqlstate = sqlstate;
  }
}

export interface WireQuery {
  readonly sql: string;
  readonly parameters?: readonly (Uint8Array | null)[];
  readonly parameterOids?: readonly number[];
  readonly parameterFormats?: readonly number[];
  readonly resultFormats?: readonly number[];
}

export interface WireResult {
  readonly rows: (Buffer | null)[][];
  readonly columnOids: number[];
  readonly parameterOids: number[];
  readonly tag: string;
}

export function frame(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);

export function int16s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeInt16BE(value, i * 2);
  return bytes;
}

export function int32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, i * 4);
  return bytes;
}

/** Any PostgreSQL server, by the protocol's own messages: values stay the bytes that were sent. */
export class WireClient {
  private readonly socket: Socket;
  private received = Buffer.alloc(0);
  private wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake?.();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.wake?.());
  }

  /** @param at a port of 127.0.0.1, or the path of a Unix socket */
  static async connect(at: number | string, database: string): Promise<WireClient> {
    const socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const client = new WireClient(socket);
    const body = Buffer.from(`\0\x03\0\0user\0root\0database\0${database}\0\0`, 'latin1');
    client.send(int32s(body.length + 4), body);
    await client.untilReady();
    return client;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  end(): void {
    this.socket.destroy();
  }

  /** The next message; undefined when the server has closed. */
  async read(): Promise<{ readonly type: string; readonly body: Buffer } | undefined> {
    for (;;) {
      const { received } = this;
      const length = received.length < 5 ? Number.POSITIVE_INFINITY : received.readInt32BE(1) + 1;
      if (received.length >= length) {
        this.received = received.subarray(length);
        return { type: received.toString('latin1', 0, 1), body: received.subarray(5, length) };
      }
      if (this.socket.destroyed) return undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Everything up to ReadyForQuery. @throws WireError the first error among it */
  async untilReady(): Promise<{ readonly type: string; readonly body: Buffer }[]> {
    const messages: { readonly type: string; readonly body: Buffer }[] = [];
    for (;;) {
      const message = await this.read();
      if (message === undefined) throw new Error('the server closed the connection');
      if (message.type === 'Z') break;
      messages.push(message);
    }
    const error = messages.find(({ type }) => type === 'E');
    if (error === undefined) return messages;
    const field = (code: string): string =>
      error.body
        .toString('utf8')
        .split('\0')
        .find((each) => each.startsWith(code))
        ?.slice(1) ?? '';
    throw new WireError(field('C'), field('M'));
  }

  /** Parse, Bind, Describe, Execute, Sync. */
  async query(query: WireQuery): Promise<WireResult> {
    const { sql, parameters = [], parameterOids = [] } = query;
    const { parameterFormats = [], resultFormats = [] } = query;
    const values = parameters.flatMap((value) =>
      value === null ? [int32s(-1)] : [int32s(value.length), value],
    );
    this.send(
      frame('P', cstring(''), cstring(sql), int16s(parameterOids.length), int32s(...parameterOids)),
      frame('D', Buffer.from('S\0')),
      frame(
        'B',
        cstring(''),
        cstring(''),
        int16s(parameterFormats.length, ...parameterFormats),
        int16s(parameters.length),
        ...values,
        int16s(resultFormats.length, ...resultFormats),
      ),
      frame('E', cstring(''), int32s(0)),
      frame('S'),
    );
    const messages = await this.untilReady();
    const of = (type: string): Buffer | undefined =>
      messages.find((message) => message.type === type)?.body;
    return {
      rows: messages.filter(({ type }) => type === 'D').map(({ body }) => rowOf(body)),
      columnOids: columnOids(of('T')),
      parameterOids: parameterOidsOf(of('t')),
      tag: of('C')?.toString('utf8').slice(0, -1) ?? '',
    };
  }
}

function rowOf(body: Buffer): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  let at = 2;
  for (let i = 0; i < body.readInt16BE(0); i++) {
    const length = body.readInt32BE(at);
    values.push(length < 0 ? null : body.subarray(at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  return values;
}

function columnOids(body: Buffer | undefined): number[] {
  if (body === undefined) return [];
  const oids: number[] = [];
  let at = 2;
  for (let i = 0; i < body.readInt16BE(0); i++) {
    at = body.indexOf(0, at) + 1;
    oids.push(body.readUInt32BE(at + 6));
    at += 18;
  }
  return oids;
}

function parameterOidsOf(body: Buffer | undefined): number[] {
  if (body === undefined) return [];
  return Array.from({ length: body.readInt16BE(0) }, (_, i) => body.readUInt32BE(2 + i * 4));
}
