import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { Session, StatementText } from '../../sql/engine';
import type { Channel } from './channel';
import { runCopy } from './copy';
import { relieve, sendRows } from './send-rows';

/** An error together with where its statement starts in the client's text. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly offset: number;

  constructor(offset: number, cause: unknown) {
    super('statement failed', { cause });
    this.offset = offset;
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
  const preparing = session.prepare(statement, []);
  const prepared = preparing instanceof Promise ? await preparing : preparing;
  if (prepared.empty) {
    channel.writer.emptyQuery();
    return;
  }
  if (prepared.parameterTypes.length > 0) {
    throw new SqlError('undefinedParameter', 'no value provided for placeholder: $1');
  }
  const opening = session.execute(prepared, [], [], []);
  const cursor = opening instanceof Promise ? await opening : opening;
  try {
    if (cursor.columns !== null) {
      channel.writer.rowDescriptionOf(cursor.columns, []);
    }
    const copied = runCopy(cursor, channel);
    let rowsSent = copied === undefined ? undefined : await copied;
    if (rowsSent === undefined) {
      let count = 0;
      const sending = sendRows(cursor, channel, 0, (rowCount) => {
        count += rowCount;
      });
      if (sending instanceof Promise) await sending;
      rowsSent = count;
    }
    channel.writer.commandComplete(cursor.commandTag(rowsSent));
  } finally {
    const closing = cursor.close();
    if (closing instanceof Promise) await closing;
  }
  // A long batch of statements must not gather its answers in memory.
  const relieving = relieve(channel);
  if (relieving instanceof Promise) await relieving;
}
