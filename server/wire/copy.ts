import { CommandCode } from 'pg-server/protocol/commands';
import { SqlError } from '../../base/errors';
import type { CopyInput, CopyShape, Cursor } from '../../sql/engine';
import type { Channel } from './channel';
import type { FrontendMessage } from './frontend-message';
import { ConnectionLostError } from './protocol-error';
import { sendRows } from './send-rows';

/**
 * COPY's part of the protocol: a response that says how the data looks, the data, then what every statement ends with.
 * @returns rows sent; undefined: the statement is no COPY
 */
export function runCopy(cursor: Cursor, channel: Channel): Promise<number> | undefined {
  if (cursor.copyIn !== undefined) return copyIn(cursor, cursor.copyIn, channel).then(() => 0);
  return cursor.copyOut === undefined ? undefined : copyOut(cursor, cursor.copyOut, channel);
}

async function copyOut(cursor: Cursor, shape: CopyShape, channel: Channel): Promise<number> {
  let rowsSent = 0;
  channel.writer.copyOutResponse(shape);
  await sendRows(cursor, channel, 0, (rowCount) => {
    rowsSent += rowCount;
  });
  channel.writer.copyDone();
  return rowsSent;
}

/** @throws SqlError 57014 the client gave up; 08P01 it sent something else */
async function copyIn(cursor: Cursor, input: CopyInput, channel: Channel): Promise<void> {
  channel.writer.copyInResponse(input);
  for (;;) {
    const message = await channel.read(input.signal);
    switch (message?.type) {
      case CommandCode.copyFromChunk:
        await input.write(message.buffer);
        break;
      case CommandCode.copyDone:
        await cursor.next(0);
        return;
      case CommandCode.copyFail:
        throw new SqlError('queryCanceled', `COPY from stdin failed: ${message.message}`);
      // Clients send them without knowing that this is a COPY.
      case CommandCode.flush:
      case CommandCode.sync:
        break;
      case undefined:
      case CommandCode.end:
        throw new ConnectionLostError('the client is gone');
      default:
        throw unexpected(message);
    }
  }
}

function unexpected(message: FrontendMessage | undefined): SqlError {
  const type = typeof message?.type === 'number' ? `0x${message.type.toString(16)}` : message?.type;
  return new SqlError(
    'protocolViolation',
    `unexpected message type ${type} during COPY from stdin`,
  );
}
