import { SqlError } from '../../../base/errors';
import type { Connection } from '../../../storage/ranges/connection';
import type { CompiledWrite } from '../../emit/compiled-write';
import type { CancelFlag } from '../cancel';
import { toQueryError } from '../execute-on';
import { registerFunctions } from '../functions';
import type { ThreadRequest, UnmatchedReference } from '../messages';
import { dropTables, loadTables, ThreadCursor } from '../thread-cursor';
import { WriteRun } from './write-run';
import type { WritingConnection } from './writing-connection';

type WriteRequest = Extract<ThreadRequest, { kind: 'write' }>;

/** What a write is run with. */
export type WriteInputs = Pick<
  WriteRequest,
  'parameters' | 'session' | 'timestamp' | 'formats' | 'tables' | 'alone' | 'given'
>;

export interface OpenedWrite {
  readonly affected: number;
  /** See GivenRows. */
  readonly unmatched: readonly UnmatchedReference[];
  /** Over the rows of RETURNING. */
  readonly cursor: ThreadCursor;
}

/**
 * Runs a write to its end and gives a cursor over what it returns.
 * @throws SqlError; a statement alone is then rolled back, one of a block is for the block to roll back
 */
export function openWrite(
  db: Connection,
  cancel: CancelFlag,
  writing: WritingConnection,
  request: WriteInputs,
  write: CompiledWrite,
): OpenedWrite {
  const { parameters, session, timestamp, formats, tables, alone, given } = request;
  for (const { functions } of write.programs) {
    registerFunctions(db, functions);
    if (!alone) writing.redo?.uses(functions);
  }
  if (alone) writing.begin(timestamp);
  else if (!db.inTransaction) throw notBegun();
  else writing.at(timestamp);
  let run: WriteRun | undefined;
  try {
    loadTables(db, tables);
    run = new WriteRun(db, cancel, {
      write,
      parameters,
      session,
      timestamp,
      redo: writing.redo,
      given,
    });
    run.run();
    writing.flush();
    dropTables(db, tables);
    if (alone) writing.commit();
    const done = run;
    const cursor = new ThreadCursor(
      db,
      cancel,
      { columns: write.plan.columns ?? [], formats, session },
      { independent: true, open: () => done.rows(), close: () => done.close() },
    );
    return { affected: run.affected, unmatched: run.unmatched, cursor };
  } catch (error) {
    const known = toQueryError(error, db);
    if (alone) writing.rollback(timestamp);
    else abandon(db, run, tables);
    throw known;
  }
}

/** It could not begin, or SQLite has rolled it back: what is written now would be kept for itself. */
const notBegun = (): SqlError =>
  new SqlError('serializationFailure', 'restart transaction: it has no transaction of the store');

/** SQLite may have ended the transaction by itself, and the temporary tables with it. */
function abandon(db: Connection, run: WriteRun | undefined, tables: WriteRequest['tables']): void {
  run?.close();
  dropTables(db, tables);
}
