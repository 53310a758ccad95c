import { RecordBuilder } from './record-builder';
import { RecordReader } from './record-reader';

/** A value as better-sqlite3 takes it: INTEGER as bigint, REAL as number. */
export type RecordValue = null | bigint | number | string | Uint8Array;

/** A record of values that are there already, to be read as one that SQLite made. */
export function recordOf(values: readonly RecordValue[]): RecordReader {
  const record = new RecordBuilder(values.length);
  record.clear();
  for (const [slot, value] of values.entries()) {
    if (value === null) record.setNull(slot);
    else if (typeof value === 'bigint') record.setInteger(slot, value);
    else if (typeof value === 'number') record.setReal(slot, value);
    else if (typeof value === 'string') record.setString(slot, value);
    else record.setBlob(slot, value, 0, value.length);
  }
  const bytes = Buffer.alloc(record.measure());
  record.write(bytes, 0);
  const reader = new RecordReader(values.length);
  reader.reset(bytes, 0);
  return reader;
}
