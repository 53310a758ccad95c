import { decodeBackupArguments, unpauseIncremental } from '../../backup/schedule/backup-schedule';
import { SqlError } from '../../base/errors';
import type { ScheduledRun, ScheduleExecutor } from '../../jobs/schedules/executor';
import type { SessionListener } from '../engine';
import type { EngineContext } from '../engine-context';
import { SqlSession } from '../session/session';

const SILENT: SessionListener = {
  onNotice: () => undefined,
  onParameterStatus: () => undefined,
  onDeallocate: () => false,
  onTerminate: () => undefined,
};

/** Of the owner's own settings, what must not end or refuse a run. */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ['application_name', '$ internal-scheduled-backup'],
  ['statement_timeout', '0'],
  ['default_transaction_read_only', 'off'],
]);

/** A run is the BACKUP of its schedule as the owner would run it, in a session of its own. */
export function backupExecutor(engine: () => EngineContext): ScheduleExecutor {
  return {
    execute: (run) => execute(run, engine()),
    onSuccess: unpauseIncremental,
  };
}

/** What no connection asked for. */
const NO_CLIENT = { remoteAddress: '', backendPid: 0 };

async function execute(run: ScheduledRun, engine: EngineContext): Promise<void> {
  const { schedule, creator, created, signal } = run;
  const { owner } = schedule;
  if (engine.catalog.snapshot().roles.get(owner) === undefined) {
    throw new SqlError('undefinedObject', `role/user "${owner}" does not exist`);
  }
  const jobs = engine.jobs.creatingWith((db, job) => {
    const id = engine.jobs.create(db, { ...job, createdBy: creator });
    created(db, id);
    return id;
  });
  const about = { user: owner, database: 'system', settings: SETTINGS, ...NO_CLIENT };
  const session = new SqlSession({ ...engine, jobs, backupSnapshots: undefined }, about, SILENT);
  const cancel = (): void => session.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await runStatement(session, decodeBackupArguments(schedule).backupStatement);
  } finally {
    signal.removeEventListener('abort', cancel);
    await session.close();
  }
}

/** DETACHED: its job goes on when the statement is done. */
async function runStatement(session: SqlSession, sql: string): Promise<void> {
  const prepared = await session.prepare({ sql, offset: 0 }, []);
  const cursor = await session.execute(prepared, [], [], [0]);
  try {
    await cursor.next(0);
  } finally {
    await cursor.close();
  }
}
