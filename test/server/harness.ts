import { connect, type Socket } from 'node:net';
import type { BackendMessage } from 'pg-protocol/dist/messages';
import { Parser } from 'pg-protocol/dist/parser';
import { createLogger } from '../../base/logger';
import { Listener, type ListenerOptions } from '../../server/listener';
import { FakeEngine } from './fake-engine';

export interface TestServer {
  readonly engine: FakeEngine;
  readonly listener: Listener;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startServer(
  options: Partial<Omit<ListenerOptions, 'engine'>> = {},
): Promise<TestServer> {
  const engine = new FakeEngine();
  const listener = new Listener({ engine, logger: createLogger('silent'), ...options });
  const { port } = await listener.listen('127.0.0.1', 0);
  return { engine, listener, port, stop: () => listener.drain(0) };
}

/** A backend message of pg-protocol with the fields that tests read by name. */
export type Message = BackendMessage & {
  readonly message?: string;
  readonly severity?: string;
  readonly code?: string;
  readonly status?: string;
  readonly fields?: readonly unknown[];
  readonly processID?: number;
  readonly secretKey?: number;
};

/** A client that sends raw bytes and reads messages with pg-protocol's parser. */
export class RawClient {
  readonly messages: Message[] = [];
  readonly socket: Socket;
  readonly closed: Promise<void>;
  receivedBytes = 0;
  chunks = 0;
  private readonly parser = new Parser();
  private wake: (() => void) | undefined;
  private isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        this.wake?.();
        resolve();
      });
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      this.chunks++;
      this.parser.parse(chunk, (message) => this.messages.push(message as Message));
      this.wake?.();
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RawClient(socket)));
    });
  }

  /** Connected and past the first ReadyForQuery, whose messages are dropped. */
  static async started(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(startupPacket({ user: 'root' }));
    await client.until('readyForQuery');
    return client;
  }

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Takes the messages up to the first of that name. */
  async until(name: string): Promise<Message[]> {
    for (;;) {
      const at = this.messages.findIndex((message) => message.name === name);
      if (at >= 0) return this.messages.splice(0, at + 1);
      if (this.isClosed) {
        throw new Error(`closed before ${name}; got ${this.messages.map((m) => m.name).join()}`);
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Waits for the server to close and takes everything it said. */
  async rest(): Promise<Message[]> {
    await this.closed;
    return this.messages.splice(0);
  }

  end(): void {
    this.socket.destroy();
  }
}

export function startupPacket(
  parameters: Readonly<Record<string, string>>,
  major = 3,
  minor = 0,
): Buffer {
  const body = Object.entries(parameters)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('');
  const packet = Buffer.concat([Buffer.alloc(8), Buffer.from(`${body}\0`)]);
  packet.writeUInt32BE(packet.length, 0);
  packet.writeUInt16BE(major, 4);
  packet.writeUInt16BE(minor, 6);
  return packet;
}

export function message(type: string, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body as string);
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

export function names(messages: readonly Message[]): string[] {
  return messages.map((each) => each.name);
}

/** Lets everything that is ready happen until `condition` holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setTimeout(resolve, 2));
}
