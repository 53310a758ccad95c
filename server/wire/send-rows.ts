import { type Awaitable, after } from '../../base/awaitable';
import { limits } from '../../base/limits';
import type { Cursor, RowBatch } from '../../sql/engine';
import type { Channel } from './channel';

export interface RowsSent {
  readonly outcome: 'done' | 'suspended';
  readonly exhausted: boolean;
}

/**
 * Sends rows until the cursor has no more or `rowsMax` (0 = no limit) were sent, never faster than the client reads.
 * @param onSent told the rows of each batch.
 */
export function sendRows(
  cursor: Cursor,
  channel: Channel,
  rowsMax: number,
  onSent: (rowCount: number) => void,
): Awaitable<RowsSent> {
  return after(cursor.next(rowsMax), (batch) => {
    const left = rowsMax - batch.rowCount;
    const sent = sendBatch(batch, channel, rowsMax > 0 && left <= 0, onSent);
    return sent ?? sendMore(cursor, channel, { rowsMax, left }, onSent);
  });
}

async function sendMore(
  cursor: Cursor,
  channel: Channel,
  { rowsMax, left }: { readonly rowsMax: number; readonly left: number },
  onSent: (rowCount: number) => void,
): Promise<RowsSent> {
  for (let rows = left; ; ) {
    await channel.flush();
    const batch = await cursor.next(rowsMax === 0 ? 0 : rows);
    rows -= batch.rowCount;
    const sent = sendBatch(batch, channel, rowsMax > 0 && rows <= 0, onSent);
    if (sent !== undefined) return sent;
  }
}

/** @returns undefined: there is more to send */
function sendBatch(
  batch: RowBatch,
  channel: Channel,
  isLast: boolean,
  onSent: (rowCount: number) => void,
): RowsSent | undefined {
  // Before and after its rows COPY has messages of its own.
  if (batch.bytes.length > 0) channel.writer.dataRows(batch.bytes);
  if (batch.rowCount > 0) onSent(batch.rowCount);
  // Also when there is nothing after it: who asked for exactly as many rows has to ask again.
  if (isLast) return { outcome: 'suspended', exhausted: batch.done };
  return batch.done ? { outcome: 'done', exhausted: true } : undefined;
}

/** Sends what is pending when there is much of it. */
export function relieve(channel: Channel): Awaitable<void> {
  return channel.writer.pendingBytes > limits.outputPendingBytesMax ? channel.flush() : undefined;
}
