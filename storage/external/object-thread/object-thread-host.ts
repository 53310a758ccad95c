import { type MessagePort, postMessageToThread, threadId, Worker } from 'node:worker_threads';
import { workerPath } from '../../../base/worker-path';
import type { OpenMessage } from './messages';

/** Of the main thread, where the thread of object storages is started and found. */
const MAIN_THREAD_ID = 0;

let worker: Worker | undefined;
let isHosting = false;

/** In the main thread, before any thread opens a storage with `objectThread`. The thread starts with the first. */
export function hostObjectThread(): void {
  if (isHosting) return;
  isHosting = true;
  process.on('workerMessage', (message: OpenMessage) => {
    if (message.kind === 'object storage') pass(message);
  });
}

/** Ends the thread, and what it is doing. */
export async function endObjectThread(): Promise<void> {
  await worker?.terminate();
}

/** Has a storage opened and served at a port. */
export async function serveAt(
  port: MessagePort,
  request: Omit<OpenMessage, 'port'>,
): Promise<void> {
  const message: OpenMessage = { ...request, port };
  if (threadId === MAIN_THREAD_ID) pass(message);
  else await postMessageToThread(MAIN_THREAD_ID, message, [port]);
}

function pass(message: OpenMessage): void {
  worker ??= startThread();
  worker.postMessage(message, [message.port]);
}

/** One that ends closes its ports, which is how those who wait learn of it; the next storage starts another. */
function startThread(): Worker {
  const started = new Worker(workerPath(__dirname, 'object-thread'));
  const forget = (): void => {
    if (worker === started) worker = undefined;
  };
  started.on('error', forget);
  started.on('exit', forget);
  started.unref();
  return started;
}
