import type { DataFileOpener } from '../data-files';
import { stageRange } from './range-stager';
import type { StagedRange, StageTask } from './stage-task';
import type { Stagers } from './stagers';

/** Starting a thread takes longer than staging a small range. */
export class InlineStager implements Stagers {
  readonly inFlightMax = 1;
  private readonly opener: DataFileOpener;
  private readonly controller = new AbortController();
  private running: Promise<unknown> = Promise.resolve();

  /** @param opener stays the caller's */
  constructor(opener: DataFileOpener) {
    this.opener = opener;
  }

  stage(task: StageTask): Promise<StagedRange> {
    const staged = stageRange(task, this.opener, this.controller.signal);
    this.running = staged.catch(() => undefined);
    return staged;
  }

  async close(): Promise<void> {
    this.controller.abort(new Error('staging is being stopped'));
    await this.running;
  }
}
