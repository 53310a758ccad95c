import { parentPort } from 'node:worker_threads';
import { toTransferredError } from './error-transfer';
import { defined } from './invariant';
import type { TaskReply, TaskRequest } from './task-threads';

/** Does what `TaskThreads` asks of this thread, until it is told to stop. */

export interface TaskHandler<Task, Result> {
  /** Called at once, while tasks before it may be under way. */
  arrived?(task: Task): void;
  /**
   * One task at a time.
   * @param signal aborted when the thread is to stop, maybe before @returns waits for what is left of it, while the next one is begun
   */
  run(task: Task, signal: AbortSignal): Promise<() => Promise<Result>>;
  /** After the last one. */
  close(): Promise<void>;
}

export function serveTasks<Task, Result>(handler: TaskHandler<Task, Result>): void {
  const port = defined(parentPort, 'parent port: this is a thread');
  const controller = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const rests = new Set<Promise<void>>();
  const reply = (message: TaskReply<Result>): void => port.postMessage(message);

  const answer = async (id: number, outcome: Promise<Result>): Promise<void> => {
    try {
      reply({ kind: 'done', id, result: await outcome });
    } catch (error) {
      reply({ kind: 'failed', id, error: toTransferredError(error) });
    }
  };

  async function run(id: number, task: Task): Promise<void> {
    try {
      const finish = await handler.run(task, controller.signal);
      const rest = answer(id, finish()).finally(() => rests.delete(rest));
      rests.add(rest);
    } catch (error) {
      await answer(id, Promise.reject(error));
    }
  }

  port.on('message', (request: TaskRequest<Task>) => {
    if (request.kind === 'task') {
      handler.arrived?.(request.task);
      last = last.then(() => run(request.id, request.task));
      return;
    }
    controller.abort(new Error('the thread is being stopped'));
    port.close();
    void last
      .then(() => Promise.all(rests))
      .then(() => handler.close())
      .catch(() => undefined);
  });
}
