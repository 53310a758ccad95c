import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';

/** A row of COPY's input before its values are read. */
export interface RawRow {
  /** Text, or bytes in the binary format; `null` = NULL. */
  readonly fields: readonly (string | Uint8Array | null)[];
  /** Counted from 1: the line that it ends on, or the number of the tuple. */
  readonly line: number;
}

/** From the client's bytes, cut anywhere, to rows. */
export interface RowReader {
  /** Gives the rows that the bytes complete. @throws SqlError */
  read(chunk: Uint8Array): RawRow[];
  /** The client is done: gives the row that has no end of its own. @throws SqlError 22P04 something is missing */
  finish(): RawRow[];
}

/** Bytes to text, whole characters at a time. */
export class CharacterReader {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** @throws SqlError characterNotInRepertoire (22021) */
  read(chunk: Uint8Array, last: boolean): string {
    try {
      return this.decoder.decode(chunk, { stream: !last });
    } catch {
      throw new SqlError('characterNotInRepertoire', 'invalid byte sequence for encoding "UTF8"');
    }
  }
}

/** @throws SqlError 54000 a row that does not end */
export function checkRowLength(length: number): void {
  if (length <= limits.messageBytesMax) return;
  throw new SqlError('programLimitExceeded', `a row exceeds ${limits.messageBytesMax} characters`);
}
