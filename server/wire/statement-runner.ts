import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { Cursor, Session, StatementText } from '../../sql/engine';
import type { Channel } from './channel';
import { fieldDescriptions } from './row-description';

/** An error together with where its statement starts in the client's text. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly offset: number;

  constructor(offset: number, cause: unknown) {
    super('statement failed', { cause });
    this.offset = offset;
  }
}

export type RowsOutcome = 'done' | 'suspended';

/**
 * Sends rows until the cursor has no more or `rowsMax` (0 = no limit) were sent, never faster than the client reads.
 * @param onSent told the rows of each batch.
 */
export async function sendRows(
  cursor: Cursor,
  channel: Channel,
  rowsMax: number,
  onSent: (rowCount: number) => void,
): Promise<{ readonly outcome: RowsOutcome; readonly exhausted: boolean }> {
  let left = rowsMax;
  for (;;) {
    const batch = await cursor.next(left);
    if (batch.rowCount > 0) {
      channel.writer.dataRows(batch.bytes);
      onSent(batch.rowCount);
    }
    if (rowsMax > 0) {
      left -= batch.rowCount;
      // Also when there is nothing after it: who asked for exactly as many rows has to ask again.
      if (left <= 0) return { outcome: 'suspended', exhausted: batch.done };
    }
    if (batch.done) return { outcome: 'done', exhausted: true };
    await channel.flush();
  }
}

/** @throws SqlError 54000 the text is longer than any statement may be; what `Session.split` throws. */
export async function splitText(session: Session, sql: string): Promise<readonly StatementText[]> {
  const sizeBytes = Buffer.byteLength(sql);
  if (sizeBytes > limits.sqlTextBytesMax) {
    throw new SqlError(
      'programLimitExceeded',
      `SQL text of ${sizeBytes} bytes exceeds ${limits.sqlTextBytesMax}`,
    );
  }
  return session.split(sql);
}

/** Runs the statements of a Query message, each bound after the one before it ran. @throws StatementError */
export async function runSimpleQuery(
  session: Session,
  channel: Channel,
  sql: string,
): Promise<void> {
  for (const statement of await splitText(session, sql)) {
    try {
      await runStatement(session, channel, statement);
    } catch (error) {
      throw new StatementError(statement.offset, error);
    }
  }
}

async function runStatement(
  session: Session,
  channel: Channel,
  statement: StatementText,
): Promise<void> {
  const prepared = await session.prepare(statement, []);
  if (prepared.empty) {
    channel.writer.emptyQuery();
    return;
  }
  if (prepared.parameterTypes.length > 0) {
    throw new SqlError('undefinedParameter', 'no value provided for placeholder: $1');
  }
  const cursor = await session.execute(prepared, [], [], []);
  try {
    if (cursor.columns !== null) {
      channel.writer.rowDescription(fieldDescriptions(cursor.columns, []));
    }
    let rowsSent = 0;
    await sendRows(cursor, channel, 0, (rowCount) => {
      rowsSent += rowCount;
    });
    channel.writer.commandComplete(cursor.commandTag(rowsSent));
  } finally {
    await cursor.close();
  }
  // A long batch of statements must not gather its answers in memory.
  await relieve(channel);
}

/** Sends what is pending when there is much of it. */
export async function relieve(channel: Channel): Promise<void> {
  if (channel.writer.pendingBytes > limits.outputPendingBytesMax) await channel.flush();
}
