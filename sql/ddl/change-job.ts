import { setTimeout as sleep } from 'node:timers/promises';
import { decodeChange } from '../../backup/restore/schema-changes';
import { SqlError } from '../../base/errors';
import { isFinished, type JobRecord } from '../../jobs/job';
import type { JobContext, JobResultRow, Resumer } from '../../jobs/resumer';
import type { EngineContext } from '../engine-context';
import { commitDefinition } from '../session/definers';
import { untilAborted } from '../session/statement-run';
import type { PendingRun } from './definition';

/** How often a change looks for one before it that was paused. */
const PAUSED_MS = 500;

/**
 * Finishes a schema change that a restore brought unfinished, in one transaction in a query thread; when that is not possible, undoes
 * it in another one.
 */
export class SchemaChangeResumer implements Resumer {
  private readonly engine: Pick<EngineContext, 'queries' | 'writeLock' | 'jobs' | 'clock'>;
  private readonly job: JobRecord;

  constructor(
    engine: Pick<EngineContext, 'queries' | 'writeLock' | 'jobs' | 'clock'>,
    job: JobRecord,
  ) {
    this.engine = engine;
    this.job = job;
  }

  async resume({ signal }: JobContext): Promise<JobResultRow> {
    await this.afterOthers(signal);
    await this.define(false, signal);
    return [];
  }

  async onFailOrCancel({ signal }: JobContext): Promise<void> {
    await this.define(true, signal);
  }

  private async afterOthers(signal: AbortSignal): Promise<void> {
    const { after } = decodeChange(this.job.payload);
    if (after === undefined) return;
    const id = BigInt(after);
    while (!this.hasEnded(id)) {
      const end = this.engine.jobs.wait(id).catch(() => undefined);
      await untilAborted(end, signal);
      if (!this.hasEnded(id)) await sleep(PAUSED_MS, undefined, { signal });
    }
  }

  private hasEnded(id: bigint): boolean {
    try {
      return isFinished(this.engine.jobs.get(id).status);
    } catch (error) {
      if (error instanceof SqlError) return true; // too old to be kept
      throw error;
    }
  }

  private async define(revert: boolean, signal: AbortSignal): Promise<void> {
    const { queries, writeLock, clock } = this.engine;
    const { id: jobId, user, payload } = this.job;
    const { change } = decodeChange(payload);
    const pending: PendingRun = { change, jobId, revert };
    const lease = await writeLock.acquire(`job ${jobId}`, signal);
    try {
      const nowNanos = clock.next();
      const writer = await queries.openWriter(0, nowNanos);
      try {
        const about = { sql: '', user, settings: [], session: {}, nowNanos, pending };
        const result = await queries.define(writer, about, signal);
        await commitDefinition(this.engine, writer, nowNanos, result);
      } catch (error) {
        if (!writer.closed) await writer.end('ROLLBACK').catch(() => undefined);
        throw error;
      }
    } finally {
      lease.release();
    }
  }
}
