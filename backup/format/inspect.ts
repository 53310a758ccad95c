import { open as openFile, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { type DescMessage, isFieldSet, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

import type { ExternalFile } from '../../storage/external/external-storage';
import {
  BackupManifestSchema,
  BackupPartitionDescriptorSchema,
  EncryptionInfoSchema,
  StatsTableSchema,
} from './gen/backup_pb';
import { FILE } from './layout';
import { decodeStored } from './manifest';
import { decodeEngineKey } from './mvcc/engine-key';
import { decodeValue, ValueTag } from './mvcc/value';
import { INTERNAL_TRAILER_BYTES, kindName, kindOf } from './sstable/internal-key';
import { RowBlockIterator } from './sstable/row-block';
import { type DataBlock, TableReader } from './sstable/table-reader';

/**
 * Shows what a file of a backup holds, as annotated text:
 * `node dist/backup/format/inspect.js <file> …`.
 */

/** Values are shown up to this length. */
const VALUE_BYTES_SHOWN = 64;

/** Lines about an SSTable: footer, properties, then each data block with its entries. */
export async function* inspectTable(file: ExternalFile): AsyncGenerator<string> {
  const table = await TableReader.open(file);
  const { footer, index, properties } = table;
  yield `table ${file.name}, ${file.sizeBytes} bytes`;
  yield `footer: ${footer.family} ${footer.version}, checksum type ${footer.checksumType}`;
  yield `metaindex at ${footer.metaindex.offset}, ${footer.metaindex.length} bytes`;
  yield `index at ${footer.index.offset}, ${footer.index.length} bytes`;
  if (table.rangeEntries !== 'none') yield `has ${table.rangeEntries}`;
  for (const [name, value] of properties.all) yield `property ${name} = ${propertyText(value)}`;
  const entries = new RowBlockIterator(file.name);
  for await (const block of table.blocks(0, index.handles.length)) {
    yield blockTitle(table, block);
    for (entries.reset(block.bytes, block.offset); entries.next(); )
      yield `  ${entryText(table, entries)}`;
  }
}

function blockTitle(table: TableReader, block: DataBlock): string {
  const stored = table.index.handles[block.index]?.length ?? 0;
  const separator = hex(table.index.separators[block.index] ?? new Uint8Array(0));
  const sizes = `${stored} bytes stored, ${block.bytes.length} decompressed`;
  return `data block ${block.index} at ${block.offset}, ${sizes}, separator ${separator}`;
}

function entryText(table: TableReader, entries: RowBlockIterator): string {
  const { file } = entries;
  const internal = Buffer.from(entries.key);
  const engineLength = internal.length - INTERNAL_TRAILER_BYTES;
  if (engineLength < 0) return `${hex(internal)}: no internal key`;
  const trailer = internal.readBigUInt64LE(engineLength);
  const kind = kindName(kindOf(Number(trailer & 0xffn)));
  const stored = table.valueBlocks?.resolve(entries.value) ?? entries.value;
  const { key, wallTime, logical } = decodeEngineKey(internal.subarray(0, engineLength), file);
  const sequence = trailer >> 8n;
  const number = sequence === 0n ? '' : ` #${sequence}`;
  const head = `${hex(key)} @ ${timeText(wallTime, logical)} ${kind}${number}`;
  return `${head}: ${valueText(key, stored, file)}`;
}

function valueText(key: Uint8Array, stored: Uint8Array, file: string): string {
  try {
    const value = decodeValue(key, stored, file);
    if (value === undefined) return 'tombstone';
    const tag = Object.entries(ValueTag).find(([, number]) => number === value.tag);
    const checksum = value.checksum === 0 ? 'no checksum' : 'checksum ok';
    return `${tag?.[0] ?? `tag ${value.tag}`} ${shortHex(value.data)} (${checksum})`;
  } catch (error) {
    return `${shortHex(stored)} (${error instanceof Error ? error.message : String(error)})`;
  }
}

function timeText(wallTime: bigint, logical: number): string {
  const seconds = new Date(Number(wallTime / 1_000_000n)).toISOString().slice(0, 19);
  const nanos = String(wallTime % 1_000_000_000n).padStart(9, '0');
  return `${seconds}.${nanos}${logical === 0 ? '' : `,${logical}`}`;
}

/** Text where a property is text, or a flag; hex otherwise. */
function propertyText(value: Uint8Array): string {
  const text = Buffer.from(value).toString('latin1');
  return /^(?:[\x20-\x7e]{4,}|[01])$/.test(text) ? `"${text}"` : hex(value);
}

/** Lines about a message: the fields that are set, one a line, nested ones indented. */
export function* inspectMessage(
  schema: DescMessage,
  message: Message,
  indent = '',
): Generator<string> {
  const fields = reflect(schema, message);
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    const value: unknown = fields.get(field);
    const items =
      field.fieldKind === 'list' || field.fieldKind === 'map'
        ? [...(value as Iterable<unknown>)]
        : [value];
    for (const item of items) {
      if (field.message === undefined) {
        yield `${indent}${field.name}: ${scalarText(item)}`;
      } else {
        yield `${indent}${field.name}`;
        yield* inspectMessage(field.message, (item as { message: Message }).message, `${indent}  `);
      }
    }
  }
  for (const field of message.$unknown ?? [])
    yield `${indent}#${field.no} (wire type ${field.wireType}): ${hex(field.data)}`;
}

function scalarText(value: unknown): string {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(scalarText).join(' = ');
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function shortHex(bytes: Uint8Array): string {
  const shown = hex(bytes.subarray(0, VALUE_BYTES_SHOWN));
  return bytes.length > VALUE_BYTES_SHOWN ? `${shown}… ${bytes.length} bytes` : shown;
}

/** Which message a file of this name holds. */
function schemaOf(name: string): DescMessage {
  if (name === FILE.statistics) return StatsTableSchema;
  if (name.startsWith('BACKUP_PART_')) return BackupPartitionDescriptorSchema;
  if (name.startsWith(FILE.encryptionInfo)) return EncryptionInfoSchema;
  return BackupManifestSchema;
}

/** Lines about a file on disk, an SSTable or one of the small files beside them. */
export async function* inspectFile(path: string): AsyncGenerator<string> {
  if (!path.endsWith('.sst')) {
    const schema = schemaOf(basename(path));
    yield* inspectMessage(schema, await decodeStored(schema, await readFile(path), path));
    return;
  }
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    yield* inspectTable({
      name: path,
      sizeBytes: size,
      async read(start, end) {
        const bytes = Buffer.alloc(end - start);
        await handle.read(bytes, 0, bytes.length, start);
        return bytes;
      },
      close: () => handle.close(),
    });
  } finally {
    await handle.close();
  }
}

async function main(paths: readonly string[]): Promise<void> {
  // Whoever reads may stop before the end.
  process.stdout.on('error', () => process.exit());
  for (const path of paths)
    for await (const line of inspectFile(path)) process.stdout.write(`${line}\n`);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
