import { parentPort } from 'node:worker_threads';
import { toTransferredError } from '../../base/error-transfer';
import { defined } from '../../base/invariant';
import { giveWay } from '../../base/thread-priority';
import { DataFiles } from '../data-files';
import { stageRange } from './range-stager';
import { openParts, type SpanFiles } from './span-files';
import type { StageTask } from './stage-task';
import type { StagerReply, StagerRequest } from './stager-messages';

/** Entry point of a thread that makes staging files: one range after the other. */

giveWay();
const port = defined(parentPort, 'parent port: this file is a thread');
let files: DataFiles | undefined;
const controller = new AbortController();
let last: Promise<void> = Promise.resolve();

const openedFiles = (): DataFiles => defined(files, 'where data files are');

async function stage(id: number, task: StageTask, opening: Promise<SpanFiles>): Promise<void> {
  try {
    const range = await stageRange(task, openedFiles(), controller.signal, opening);
    port.postMessage({ kind: 'staged', id, range } satisfies StagerReply);
  } catch (error) {
    const reply: StagerReply = { kind: 'failed', id, error: toTransferredError(error) };
    port.postMessage(reply);
  }
}

port.on('message', (request: StagerRequest) => {
  if (request.kind === 'open') {
    files = new DataFiles(request.data.storage, request.data.key);
    return;
  }
  if (request.kind === 'stage') {
    const { id, task } = request;
    // While the range before is decoded: a storage takes its time to answer.
    const opening = openParts(openedFiles(), task.parts);
    opening.catch(() => undefined);
    last = last.then(() => stage(id, task, opening));
    return;
  }
  controller.abort(new Error('the thread is being stopped'));
  port.close();
  void last.then(() => files?.close()).catch(() => undefined);
});
