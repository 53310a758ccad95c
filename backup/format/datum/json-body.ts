import { ByteWriter } from '../../../base/byte-writer';
import { invariant } from '../../../base/invariant';
import { limits } from '../../../base/limits';
import { decimalDigits, formatDecimal } from '../../../catalog/types/decimal';
import { JsonNumber, type JsonValue, jsonStringText } from '../../../catalog/types/json';
import { type DatumReader, decodeText } from './datum-reader';
import { readDecimalParts, writeDecimalParts } from './decimal-body';

/**
 * Binary JSONB (format reference 04 §7.3) to its text and back.
 *
 *     container: header u32 (kind, element count) | entries, u32 each | data
 *     entry:     kind and length, or every 32nd one kind and end offset in the data
 *     an object has an entry for each key, then one for each value; a scalar root is a container of one
 */

const ARRAY = 0x80000000;
const OBJECT = 0x40000000;
const SCALAR = 0x20000000;
const KIND_MASK = 0xe0000000;
const COUNT_MASK = 0x1fffffff;

const ENTRY_IS_OFFSET = 0x80000000;
const ENTRY_KIND_MASK = 0x70000000;
const ENTRY_LENGTH_MASK = 0x0fffffff;
const ENTRY_NULL = 0x00000000;
const ENTRY_STRING = 0x10000000;
const ENTRY_NUMBER = 0x20000000;
const ENTRY_FALSE = 0x30000000;
const ENTRY_TRUE = 0x40000000;
const ENTRY_CONTAINER = 0x50000000;

const OFFSET_STRIDE = 32;

interface Entries {
  readonly reader: DatumReader;
  readonly entriesStart: number;
  readonly dataStart: number;
  readonly end: number;
}

function readNumber(reader: DatumReader, end: number): string {
  const length = reader.uleb();
  if (length !== end - reader.position) reader.fail('JSON number of another length');
  const parts = readDecimalParts(reader, end);
  if (typeof parts !== 'string') return formatDecimal(parts.negative, parts.digits, parts.exponent);
  if (reader.position !== end) reader.fail('bytes after a JSON number');
  return decimalDigits(parts) === undefined ? reader.fail('JSON number is not finite') : '0';
}

function readEntry(
  reader: DatumReader,
  kind: number,
  start: number,
  end: number,
  depth: number,
): string {
  reader.position = start;
  switch (kind) {
    case ENTRY_NULL:
    case ENTRY_FALSE:
    case ENTRY_TRUE:
      if (start !== end) reader.fail('JSON literal with data');
      return kind === ENTRY_NULL ? 'null' : kind === ENTRY_TRUE ? 'true' : 'false';
    case ENTRY_STRING:
      return jsonStringText(decodeText(reader, reader.bytes, start, end));
    case ENTRY_NUMBER:
      return readNumber(reader, end);
    case ENTRY_CONTAINER:
      return readContainer(reader, start, end, depth + 1);
    default:
      return reader.fail('unknown JSON entry');
  }
}

/** Walks `count` entries from index `first`, whose data starts at `start`. @returns texts, and where the data ends */
function readRun(
  entries: Entries,
  first: number,
  count: number,
  start: number,
  depth: number,
): { texts: string[]; end: number } {
  const { reader, dataStart } = entries;
  const texts: string[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const entry = reader.bytes.readUInt32BE(entries.entriesStart + (first + i) * 4);
    const length = entry & ENTRY_LENGTH_MASK;
    const end = entry >= ENTRY_IS_OFFSET ? dataStart + length : at + length;
    if (end < at || end > entries.end) reader.fail('JSON entry exceeds its container');
    texts.push(readEntry(reader, entry & ENTRY_KIND_MASK, at, end, depth));
    at = end;
  }
  return { texts, end: at };
}

function readContainer(reader: DatumReader, start: number, end: number, depth: number): string {
  if (depth > limits.jsonDepthMax) reader.fail(`JSON nested deeper than ${limits.jsonDepthMax}`);
  if (end - start < 4) reader.fail('JSON container ends early');
  const header = reader.bytes.readUInt32BE(start);
  const kind = (header & KIND_MASK) >>> 0;
  const count = kind === SCALAR ? 1 : header & COUNT_MASK;
  const entryCount = kind === OBJECT ? count * 2 : count;
  const entriesStart = start + 4;
  const dataStart = entriesStart + entryCount * 4;
  if (dataStart > end) reader.fail('JSON container ends early');
  const entries: Entries = { reader, entriesStart, dataStart, end };
  const first = readRun(entries, 0, count, dataStart, depth);
  const values =
    kind === OBJECT
      ? readRun(entries, count, count, first.end, depth)
      : { texts: [], end: first.end };
  if (values.end !== end) reader.fail('bytes after a JSON container');
  reader.position = end;
  if (kind === ARRAY) return `[${first.texts.join(', ')}]`;
  if (kind === OBJECT)
    return `{${first.texts.map((key, i) => `${key}: ${values.texts[i]}`).join(', ')}}`;
  if (kind !== SCALAR || depth !== 0) reader.fail('unknown JSON container');
  return first.texts[0] ?? reader.fail('empty JSON scalar');
}

/** To the stored text. */
export function readJsonBody(reader: DatumReader, end: number): string {
  return readContainer(reader, reader.position, end, 0);
}

function entryKind(value: JsonValue): number {
  if (value === null) return ENTRY_NULL;
  if (typeof value === 'string') return ENTRY_STRING;
  if (typeof value === 'boolean') return value ? ENTRY_TRUE : ENTRY_FALSE;
  return value instanceof JsonNumber ? ENTRY_NUMBER : ENTRY_CONTAINER;
}

function writeEntryData(writer: ByteWriter, value: JsonValue): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') writer.utf8(value);
  else if (value instanceof JsonNumber) {
    const number = new ByteWriter(32);
    writeDecimalParts(number, value.decimal);
    writer.uvarint(number.length).raw(number.view());
  } else writeContainer(writer, value);
}

/** Entries and data of a run of values; `offset` is where in the container's data the run starts. */
function writeRun(entries: ByteWriter, data: ByteWriter, values: Iterable<JsonValue>): void {
  let i = 0;
  for (const value of values) {
    const before = data.length;
    writeEntryData(data, value);
    const kind = entryKind(value);
    invariant(data.length <= ENTRY_LENGTH_MASK, 'JSON container below 256 MB');
    if (i % OFFSET_STRIDE === 0) entries.u32be((ENTRY_IS_OFFSET | kind | data.length) >>> 0);
    else entries.u32be((kind | (data.length - before)) >>> 0);
    i++;
  }
}

function writeContainer(writer: ByteWriter, value: JsonValue): void {
  const entries = new ByteWriter(64);
  const data = new ByteWriter(64);
  if (value instanceof Map) {
    writer.u32be((OBJECT | value.size) >>> 0);
    writeRun(entries, data, value.keys());
    writeRun(entries, data, value.values());
  } else {
    const values = value as readonly JsonValue[];
    writer.u32be((ARRAY | values.length) >>> 0);
    writeRun(entries, data, values);
  }
  writer.raw(entries.view()).raw(data.view());
}

export function writeJsonBody(writer: ByteWriter, value: JsonValue): void {
  if (entryKind(value) === ENTRY_CONTAINER) {
    writeContainer(writer, value);
    return;
  }
  const data = new ByteWriter(64);
  writeEntryData(data, value);
  writer
    .u32be(SCALAR)
    .u32be((entryKind(value) | data.length) >>> 0)
    .raw(data.view());
}
