import { parentPort, workerData } from 'node:worker_threads';
import { defined } from '../../base/invariant';
import type { QueryThreadData, ThreadRequest } from './messages';
import { QueryRunner } from './query-runner';

/** Entry of a query thread: one request after the other, each answered before the next is looked at. */
const port = defined(parentPort, 'parent of the query thread');
const runner = new QueryRunner(workerData as QueryThreadData);

port.on('message', (request: ThreadRequest) => {
  const reply = runner.handle(request);
  if (request.kind === 'stop') port.close();
  if (reply === undefined) return;
  const transfer = reply.kind === 'batch' && reply.bytes.length > 0 ? [reply.bytes.buffer] : [];
  port.postMessage(reply, transfer as ArrayBuffer[]);
});
