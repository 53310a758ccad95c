import { ByteWriter } from '../../../base/byte-writer';
import { DatumReader } from './datum-reader';
import { writeKeyNumber, writeKeyUnsigned } from './key-varint';
import { KeyMarker } from './value-type';

/**
 * The outside of a row's key (format reference 04 §1 and §5):
 *
 *     [fe tenant id] | table id | index id | columns | column family: its id, then the length of that; 88 for family 0
 */
export interface TablePrefix {
  /** 1 = the system tenant, whose keys have no prefix. */
  readonly tenantId: number;
  readonly tableId: number;
  /** 0 = the key ends after the table id. */
  readonly indexId: number;
  /** Offset of the first column. */
  readonly length: number;
}

const SYSTEM_TENANT = 1;

/**
 * @param key without its MVCC suffix
 * @throws CorruptionError when the key ends early or holds no ids
 */
export function decodeTablePrefix(key: Uint8Array, file = 'key'): TablePrefix {
  const reader = new DatumReader(file);
  reader.reset(key);
  let tenantId = SYSTEM_TENANT;
  if (key[0] === KeyMarker.Tenant) {
    reader.u8();
    tenantId = reader.keyUnsignedNumber();
  }
  const tableId = reader.keyUnsignedNumber();
  const indexId = reader.remaining === 0 ? 0 : reader.keyUnsignedNumber();
  return { tenantId, tableId, indexId, length: reader.position };
}

/** The start of the table's span, or of the index's when there is an index id. */
export function encodeTablePrefix(
  tableId: number,
  indexId?: number,
  tenantId = SYSTEM_TENANT,
): Uint8Array {
  const writer = new ByteWriter(16);
  if (tenantId !== SYSTEM_TENANT) writeKeyUnsigned(writer.u8(KeyMarker.Tenant), BigInt(tenantId));
  writeKeyUnsigned(writer, BigInt(tableId));
  if (indexId !== undefined) writeKeyUnsigned(writer, BigInt(indexId));
  return writer.toBytes();
}

/** The first key after all that start with `prefix`. */
export function prefixEnd(prefix: Uint8Array): Uint8Array {
  let count = prefix.length;
  while (count > 0 && prefix[count - 1] === 0xff) count--;
  // Not slice(): that of a Buffer is a view.
  const end = Uint8Array.from(prefix.subarray(0, count));
  if (count > 0) end[count - 1] = (end[count - 1] as number) + 1;
  return end;
}

export function writeFamilySuffix(writer: ByteWriter, familyId: number): void {
  const before = writer.length;
  writeKeyNumber(writer, familyId);
  if (familyId !== 0) writeKeyNumber(writer, writer.length - before);
}

/** A view of the row's key without its column family; undefined when the key has none. */
export function stripFamilySuffix(key: Uint8Array): Uint8Array | undefined {
  const end = rowKeyLength(key);
  return end < 0 ? undefined : key.subarray(0, end);
}

/** Length of the row's key without its column family; -1 when the key has none. */
export function rowKeyLength(key: Uint8Array, length = key.length): number {
  const last = key[length - 1];
  if (last === undefined || last < 0x88 || last > 0x91) return -1;
  const end = length - (last - 0x88) - 1;
  return end <= 0 ? -1 : end;
}

/** The column family at the end of a key, whose last column ends at the reader. Reads to the end. */
export function readFamilySuffix(reader: DatumReader): number {
  const from = reader.position;
  const family = reader.keyUnsignedNumber();
  if (family === 0) {
    if (reader.position !== reader.end) reader.fail('bytes after a key');
    return 0;
  }
  const length = reader.position - from;
  if (reader.keyUnsignedNumber() !== length || reader.position !== reader.end)
    reader.fail('bad column family at the end of a key');
  return family;
}
