import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { fromTransferredError } from '../../../base/error-transfer';
import { SqlError } from '../../../base/errors';
import type {
  ExternalFile,
  ExternalStorage,
  ExternalWriter,
  KnownOfFile,
} from '../external-storage';
import { type ExternalStorageOptions, plainOptions } from '../storage-options';
import type { Handle, PortReply, PortRequest, StorageAnswers, StorageRequest } from './messages';
import { serveAt } from './object-thread-host';

/**
 * A storage that is spoken to in the thread of object storages.
 * @throws as `openStorage`
 */
export async function openThreaded(
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  const { port1, port2 } = new MessageChannel();
  const calls = new Calls(port1, options.signal);
  try {
    await serveAt(port2, { kind: 'object storage', uri, options: plainOptions(options) });
    return new ThreadedStorage((await calls.call({ kind: 'ready' })).redactedUrl, calls);
  } catch (error) {
    calls.close();
    throw error;
  }
}

/** Requests at a port, and who waits for which answer. */
class Calls {
  private readonly port: MessagePort;
  private readonly signal: AbortSignal | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private isClosed = false;

  constructor(port: MessagePort, signal: AbortSignal | undefined) {
    this.port = port;
    this.signal = signal;
    port.on('message', (reply: PortReply) => this.take(reply));
    port.on('close', () => this.end());
    port.unref();
    signal?.addEventListener('abort', this.stop, { once: true });
  }

  /** @throws the signal's reason, at once */
  async call<R extends StorageRequest>(request: R): Promise<StorageAnswers[R['kind']]> {
    this.signal?.throwIfAborted();
    return await this.send(request);
  }

  /** Also when everything has been told to end. What the thread can't be told any more has ended with it. */
  async release(request: StorageRequest): Promise<void> {
    await this.send(request).catch(() => undefined);
  }

  private send<R extends StorageRequest>(request: R): Promise<StorageAnswers[R['kind']]> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(threadEnded());
        return;
      }
      const id = this.nextId++;
      // The process does not end while somebody waits.
      if (this.waiting.size === 0) this.port.ref();
      this.waiting.set(id, {
        resolve: (answer) => resolve(answer as StorageAnswers[R['kind']]),
        reject,
      });
      if (!('bytes' in request)) this.post({ kind: 'call', id, request });
      else {
        // A copy of them alone: the caller's may lie in a larger buffer, and are the caller's again.
        const bytes = new Uint8Array(request.bytes);
        this.post({ kind: 'call', id, request: { ...request, bytes } }, [bytes.buffer]);
      }
    });
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.stop);
    this.port.close();
  }

  private readonly stop = (): void => {
    this.rejectAll(this.signal?.reason);
    this.post({ kind: 'stop' });
  };

  private take(reply: PortReply): void {
    const waiting = this.waiting.get(reply.id);
    if (waiting === undefined) return;
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.port.unref();
    if (reply.kind === 'answer') waiting.resolve(reply.answer);
    else waiting.reject(fromTransferredError(reply.error));
  }

  private end(): void {
    this.isClosed = true;
    this.rejectAll(threadEnded());
  }

  private rejectAll(reason: unknown): void {
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
    this.port.unref();
  }

  private post(message: PortRequest, given: readonly ArrayBuffer[] = []): void {
    this.port.postMessage(message, given);
  }
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Whoever waits may try again: there is a new thread then. */
const threadEnded = (): SqlError =>
  new SqlError('connectionFailure', 'the connection to the storage has ended');

/** Bytes that came from another thread have lost their class. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

class ThreadedStorage implements ExternalStorage {
  readonly redactedUrl: string;
  private readonly calls: Calls;

  constructor(redactedUrl: string, calls: Calls) {
    this.redactedUrl = redactedUrl;
    this.calls = calls;
  }

  async open(path: string, known: KnownOfFile = {}): Promise<ExternalFile> {
    const { calls } = this;
    const { file, name, sizeBytes, tail } = await calls.call({ kind: 'open', path, known });
    const tailStart = sizeBytes - (tail?.length ?? 0);
    return {
      name,
      sizeBytes,
      tail,
      async read(start, end) {
        const isHere = tail !== undefined && start >= tailStart && end >= start && end <= sizeBytes;
        if (isHere) return asBuffer(tail.subarray(start - tailStart, end - tailStart));
        return asBuffer(await calls.call({ kind: 'read', file, start, end }));
      },
      close: async () => await calls.release({ kind: 'closeFile', file }),
    };
  }

  async readAll(path: string, bytesMax: number): Promise<Uint8Array> {
    return asBuffer(await this.calls.call({ kind: 'readAll', path, bytesMax }));
  }

  async *list(prefix: string, delimiter?: string): AsyncIterable<string> {
    const listing = await this.calls.call({ kind: 'list', prefix, delimiter });
    try {
      while (true) {
        const { paths, done } = await this.calls.call({ kind: 'listNext', listing });
        yield* paths;
        if (done) return;
      }
    } finally {
      await this.calls.release({ kind: 'listEnd', listing });
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.calls.call({ kind: 'write', path, bytes });
  }

  async create(path: string): Promise<ExternalWriter> {
    const { writer, name } = await this.calls.call({ kind: 'create', path });
    return new ThreadedWriter(name, writer, this.calls);
  }

  async delete(path: string): Promise<void> {
    await this.calls.call({ kind: 'delete', path });
  }

  async close(): Promise<void> {
    this.calls.close();
  }
}

class ThreadedWriter implements ExternalWriter {
  readonly name: string;
  private readonly writer: Handle;
  private readonly calls: Calls;

  constructor(name: string, writer: Handle, calls: Calls) {
    this.name = name;
    this.writer = writer;
    this.calls = calls;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.calls.call({ kind: 'writePiece', writer: this.writer, bytes });
  }

  async finish(): Promise<void> {
    await this.calls.call({ kind: 'finish', writer: this.writer });
  }

  async abort(): Promise<void> {
    await this.calls.release({ kind: 'abort', writer: this.writer });
  }
}
