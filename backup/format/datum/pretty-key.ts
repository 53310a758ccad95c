import { CorruptionError } from '../../../base/errors';
import { decimalText } from '../../../catalog/types/decimal';
import { intervalFromRepr, intervalText } from '../../../catalog/types/interval';
import { DatumReader } from './datum-reader';
import { readDecimalKey } from './decimal-body';
import { readKeyBytes } from './key-bytes';
import { readKeyFloat, readKeyInterval } from './key-decoder';
import { decodeTablePrefix } from './table-key';
import { KeyMarker as Marker } from './value-type';

/**
 * Keys as SHOW BACKUP FILES prints them: `/Table/112/1/"a"/5`. Types are guessed from the markers, as keys have to be
 * readable without a schema; a key that cannot be read is shown in hex.
 */

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function prettyBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (text.includes('\ufffd')) return `"${hex(bytes).replaceAll(/../g, '\\x$&')}"`;
  return JSON.stringify(text).replaceAll(/\\u00([0-9a-f]{2})/g, '\\x$1');
}

function isDecimal(marker: number): boolean {
  return marker >= Marker.DecimalNaN && marker <= Marker.DecimalNaNDescending;
}

function prettyTimestamp(reader: DatumReader): string {
  reader.u8();
  const seconds = Number(reader.keyInt());
  const nanos = Number(reader.keyInt());
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return reader.fail('timestamp out of range');
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${date.toISOString().slice(0, -5)}${fraction}Z`;
}

function prettyColumn(reader: DatumReader): string {
  const marker = reader.bytes[reader.position] as number;
  if (marker >= 0x80 && marker <= 0xfd) return String(reader.keyInt());
  if (isDecimal(marker)) return decimalText(readDecimalKey(reader, false));
  switch (marker) {
    case Marker.Null:
    case Marker.NullDescending:
      reader.u8();
      return 'NULL';
    case Marker.Interleaved:
      reader.u8();
      return '#';
    case Marker.Bytes:
      return prettyBytes(readKeyBytes(reader, false));
    case Marker.BytesDescending:
      return prettyBytes(readKeyBytes(reader, true));
    case Marker.FloatNaN:
    case Marker.FloatNegative:
    case Marker.FloatZero:
    case Marker.FloatPositive:
    case Marker.FloatNaNDescending:
      return String(readKeyFloat(reader, false));
    case Marker.Time:
      return prettyTimestamp(reader);
    case Marker.Duration:
      return intervalText(intervalFromRepr(readKeyInterval(reader, false)));
    default:
      return reader.fail(`unknown marker ${marker}`);
  }
}

/** @param key without its MVCC suffix */
export function prettyKey(key: Uint8Array): string {
  if (key.length === 0) return '/Min';
  if (key[0] === 0xff) return '/Max';
  const parts: string[] = [];
  const reader = new DatumReader('key');
  reader.reset(key);
  try {
    const prefix = decodeTablePrefix(key);
    if (prefix.tenantId !== 1) parts.push('Tenant', String(prefix.tenantId));
    parts.push('Table', String(prefix.tableId));
    if (prefix.indexId !== 0) parts.push(String(prefix.indexId));
    reader.position = prefix.length;
    while (reader.remaining > 0) parts.push(prettyColumn(reader));
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    if (parts.length === 0) return `/0x${hex(key)}`;
    parts.push(`0x${hex(key.subarray(reader.position))}`);
  }
  return `/${parts.join('/')}`;
}
