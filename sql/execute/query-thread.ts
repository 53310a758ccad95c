import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../base/invariant';
import { giveWay, threadId } from '../../base/thread-priority';
import {
  type QueryThreadData,
  THREAD_ID_SLOT,
  type ThreadReply,
  type ThreadRequest,
} from './messages';
import { QueryRunner } from './query-runner';

/** Entry of a query thread: one request after the other, each answered before the next is looked at. */
giveWay();
const port = defined(parentPort, 'parent of the query thread');
const data = workerData as QueryThreadData;
Atomics.store(new Int32Array(data.cancelFlags), THREAD_ID_SLOT, threadId());
const runner = new QueryRunner(data);

const waiting: ThreadRequest[] = [];
let isWorking = false;

port.on('message', (requests: readonly ThreadRequest[]) => {
  waiting.push(...requests);
  if (!isWorking) void work();
});

async function work(): Promise<void> {
  isWorking = true;
  for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
    answer(request, request.kind === 'define' ? await define(request) : runner.handle(request));
  }
  isWorking = false;
}

function answer(request: ThreadRequest, reply: ThreadReply | undefined): void {
  if (request.kind === 'stop') port.close();
  if (reply === undefined) return;
  const transfer = reply.kind === 'batch' && reply.bytes.length > 0 ? [reply.bytes.buffer] : [];
  port.postMessage(reply, transfer as ArrayBuffer[]);
}

/** Most threads never change a schema: what that needs is loaded when it is first asked for. */
async function define(request: Extract<ThreadRequest, { kind: 'define' }>): Promise<ThreadReply> {
  return await runner.define(request, async (db) => {
    const { defineInThread } = await import('../ddl/define-in-thread.js');
    return await defineInThread(db, request.definition);
  });
}
