import type { MessagePort } from 'node:worker_threads';
import { toTransferredError } from '../../../base/error-transfer';
import { defined } from '../../../base/invariant';
import type { ExternalFile, ExternalStorage, ExternalWriter } from '../external-storage';
import type { Handle, PortReply, PortRequest, StorageAnswers, StorageRequest } from './messages';

/** Paths of a listing that are sent at a time. */
const LISTED_AT_ONCE = 1_000;

/**
 * Answers what is asked at a port, each request as soon as it can be. When the port is closed, also by the end of the thread
 * that holds its other side, what is under way ends and the storage is closed.
 * @param open with a signal that ends everything
 */
export function serveStorage(
  port: MessagePort,
  open: (signal: AbortSignal) => Promise<ExternalStorage>,
): void {
  const controller = new AbortController();
  const opening = open(controller.signal);
  opening.catch(() => undefined); // told to whoever asks
  const served = new ServedStorage(opening);
  port.on('message', (message: PortRequest) => {
    if (message.kind === 'stop') controller.abort(new Error('the operation was given up'));
    else void served.answer(message.id, message.request).then((reply) => send(port, reply));
  });
  port.on('close', () => {
    controller.abort(new Error('nobody waits any more'));
    void served.close();
  });
}

function send(port: MessagePort, reply: PortReply): void {
  if (reply.kind !== 'answer' || !(reply.answer instanceof Uint8Array)) port.postMessage(reply);
  else {
    const bytes = givenAway(reply.answer);
    port.postMessage({ ...reply, answer: bytes }, [bytes.buffer]);
  }
}

/** Small ones may lie in a buffer that others share. */
function givenAway(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isOwn = bytes.length === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return isOwn ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

type Held = ExternalFile | ExternalWriter | AsyncIterator<string>;

class ServedStorage {
  private readonly opening: Promise<ExternalStorage>;
  private readonly held = new Map<Handle, Held>();
  private nextHandle = 1;

  constructor(opening: Promise<ExternalStorage>) {
    this.opening = opening;
  }

  async answer(id: number, request: StorageRequest): Promise<PortReply> {
    try {
      return { kind: 'answer', id, answer: await this.run(request) };
    } catch (error) {
      return { kind: 'failed', id, error: toTransferredError(error) };
    }
  }

  async close(): Promise<void> {
    this.held.clear();
    const storage = await this.opening.catch(() => undefined);
    await storage?.close();
  }

  /** @returns of `StorageAnswers` */
  private async run(request: StorageRequest): Promise<unknown> {
    const storage = await this.opening;
    switch (request.kind) {
      case 'ready':
        return { redactedUrl: storage.redactedUrl } satisfies StorageAnswers['ready'];
      case 'open': {
        const file = await storage.open(request.path, request.known);
        const { name, sizeBytes, tail } = file;
        return { file: this.hold(file), name, sizeBytes, tail } satisfies StorageAnswers['open'];
      }
      case 'read':
        return await this.find<ExternalFile>(request.file).read(request.start, request.end);
      case 'closeFile':
        return await this.release<ExternalFile>(request.file).close();
      case 'readAll':
        return await storage.readAll(request.path, request.bytesMax);
      case 'write':
        return await storage.write(request.path, request.bytes);
      case 'create': {
        const writer = await storage.create(request.path);
        const { name } = writer;
        return { writer: this.hold(writer), name } satisfies StorageAnswers['create'];
      }
      case 'writePiece':
        return await this.find<ExternalWriter>(request.writer).write(request.bytes);
      case 'finish':
        return await this.find<ExternalWriter>(request.writer).finish();
      case 'abort':
        return await this.release<ExternalWriter>(request.writer).abort();
      case 'delete':
        return await storage.delete(request.path);
      case 'list':
        return this.hold(storage.list(request.prefix, request.delimiter)[Symbol.asyncIterator]());
      case 'listNext':
        return await nextPaths(this.find<AsyncIterator<string>>(request.listing));
      case 'listEnd':
        await this.release<AsyncIterator<string>>(request.listing).return?.();
        return undefined;
    }
  }

  private hold(held: Held): Handle {
    const handle = this.nextHandle++;
    this.held.set(handle, held);
    return handle;
  }

  private find<H extends Held>(handle: Handle): H {
    return defined(this.held.get(handle), 'a handle of this storage') as H;
  }

  private release<H extends Held>(handle: Handle): H {
    const found = this.find<H>(handle);
    this.held.delete(handle);
    return found;
  }
}

async function nextPaths(listing: AsyncIterator<string>): Promise<StorageAnswers['listNext']> {
  const paths: string[] = [];
  while (paths.length < LISTED_AT_ONCE) {
    const next = await listing.next();
    if (next.done === true) return { paths, done: true };
    paths.push(next.value);
  }
  return { paths, done: false };
}
