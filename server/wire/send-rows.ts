import { limits } from '../../base/limits';
import type { Cursor } from '../../sql/engine';
import type { Channel } from './channel';

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
    // Before and after its rows COPY has messages of its own.
    if (batch.bytes.length > 0) channel.writer.dataRows(batch.bytes);
    if (batch.rowCount > 0) onSent(batch.rowCount);
    if (rowsMax > 0) {
      left -= batch.rowCount;
      // Also when there is nothing after it: who asked for exactly as many rows has to ask again.
      if (left <= 0) return { outcome: 'suspended', exhausted: batch.done };
    }
    if (batch.done) return { outcome: 'done', exhausted: true };
    await channel.flush();
  }
}

/** Sends what is pending when there is much of it. */
export async function relieve(channel: Channel): Promise<void> {
  if (channel.writer.pendingBytes > limits.outputPendingBytesMax) await channel.flush();
}
