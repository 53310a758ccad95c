import { isUtf8 } from 'node:buffer';
import { SqlError } from './errors';

/** A byte order mark is a character of the text like any other. @throws SqlError characterNotInRepertoire (22021) */
export function utf8Text(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) {
    throw new SqlError('characterNotInRepertoire', 'invalid byte sequence for encoding "UTF8"');
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
