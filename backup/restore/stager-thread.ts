import { defined } from '../../base/invariant';
import { serveTasks } from '../../base/task-thread';
import { giveWay } from '../../base/thread-priority';
import { DataFiles } from '../data-files';
import { inKeyOrder } from './kernel/kernel-stager';
import { stageRange } from './range-stager';
import { openParts, type SpanFiles } from './span-files';
import type { StagedRange, StageTask } from './stage-task';
import type { StagerTask } from './stager-messages';

/** Entry point of a thread that makes staging files: one range after the other. */

giveWay();
let files: DataFiles | undefined;
const openings = new Map<StageTask, Promise<SpanFiles>>();

function readAhead({ spans }: SpanFiles): void {
  const [first] = inKeyOrder(spans) ?? [];
  if (first === undefined) return;
  const blocks = first.table.index.blocksOfSpan(first.start, first.end);
  first.table.readAhead(blocks.first, blocks.last);
}

const openedFiles = (): DataFiles => defined(files, 'where data files are');
const nothing = async (): Promise<undefined> => undefined;

serveTasks<StagerTask, StagedRange | undefined>({
  arrived(request) {
    if (request.kind === 'open') {
      files = new DataFiles(request.data.storage, request.data.key);
      return;
    }
    // While the range before is decoded: a storage takes its time to answer.
    const opening = openParts(openedFiles(), request.task.parts).then((opened) => {
      readAhead(opened);
      return opened;
    });
    opening.catch(() => undefined);
    openings.set(request.task, opening);
  },
  async run(request, signal) {
    if (request.kind === 'open') return nothing;
    const { task } = request;
    const opening = defined(openings.get(task), 'files of a range');
    openings.delete(task);
    const range = await stageRange(task, openedFiles(), signal, opening);
    return async () => range;
  },
  async close() {
    await files?.close();
  },
});
