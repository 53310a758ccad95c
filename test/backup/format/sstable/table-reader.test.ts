import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { RowBlockIterator } from '../../../../backup/format/sstable/row-block';
import { TableReader } from '../../../../backup/format/sstable/table-reader';
import { TableWriter } from '../../../../backup/format/sstable/table-writer';
import { CorruptionError, SqlError } from '../../../../base/errors';
import type { ExternalFile } from '../../../../storage/external/external-storage';
import { MemoryStorage } from '../../../support/memory-storage';
import { describeShared, fixturesDir, sharedDir } from '../../../support/shared';

async function openFile(path: string): Promise<ExternalFile> {
  return new MemoryStorage([['x.sst', readFileSync(path)]]).open('x.sst');
}

/** Lines of engine key, kind, sequence number and value. */
async function dump(table: TableReader): Promise<string[]> {
  const lines: string[] = [];
  const it = new RowBlockIterator(table.file.name);
  for await (const block of table.blocks(0, table.index.handles.length)) {
    for (it.reset(block.bytes, block.offset); it.next(); ) {
      const key = Buffer.from(it.key);
      const trailer = key.readBigUInt64LE(key.length - 8);
      const value = table.valueBlocks?.resolve(it.value) ?? it.value;
      const engineKey = key.subarray(0, key.length - 8).toString('hex');
      const valueHex = Buffer.from(value).toString('hex');
      lines.push(`${engineKey} ${trailer & 0xffn} ${trailer >> 8n} ${valueHex}\n`);
    }
  }
  return lines;
}

function tablesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sst'))
    .map((path) => join(directory, path));
}

async function checkCounts(path: string): Promise<void> {
  const table = await TableReader.open(await openFile(path));
  const lines = await dump(table);
  expect(lines.length).toBe(table.properties.entryCount);
  expect(lines.length).toBeGreaterThan(0);
}

describe('tables of the fixtures', () => {
  test('all entries that the properties count', async () => {
    const paths = tablesBelow(join(fixturesDir, 'backups'));
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) await checkCounts(path);
  });
});

interface Contents {
  readonly format: readonly [string, number];
  readonly checksum_type: number;
  readonly points: number;
  readonly digest_sha256_of_lines: string;
  readonly range_keys: readonly unknown[];
}

describeShared('tables of every format', () => {
  const directory = join(sharedDir, 'format', 'expected', 'sst');
  const contents = JSON.parse(readFileSync(join(directory, 'contents.json'), 'utf8')) as Record<
    string,
    Contents
  >;

  test.each(tablesBelow(directory).map((path) => basename(path)))('%s', async (name) => {
    const expected = contents[name];
    const table = await TableReader.open(await openFile(join(directory, name)));
    expect([table.footer.family, table.footer.version]).toEqual(expected?.format);
    expect(table.footer.checksumType).toBe(expected?.checksum_type);
    expect(table.rangeEntries === 'range keys').toBe((expected?.range_keys.length ?? 0) > 0);
    const lines = await dump(table);
    expect(lines.length).toBe(expected?.points);
    const digest = createHash('sha256').update(lines.join('')).digest('hex');
    expect(digest).toBe(expected?.digest_sha256_of_lines);
  });

  test('tables of real clusters of every release', async () => {
    for (const path of tablesBelow(join(sharedDir, 'backups', 'upstream'))) await checkCounts(path);
  });
});

const key = (text: string): Uint8Array => Buffer.from(`${text}\0`);

function write(entries: number, blockBytes: number): Uint8Array {
  const writer = new TableWriter({ blockBytes, compress: false });
  for (let i = 0; i < entries; i++)
    writer.add(key(`k${String(i).padStart(6, '0')}`), Buffer.alloc(100, i));
  return Buffer.concat(writer.finish());
}

describe('reading a part of a table', () => {
  const bytes = write(20_000, 4096);

  test('reads the blocks of the span and no others, many at a time', async () => {
    const storage = new MemoryStorage([['x.sst', bytes]]);
    const table = await TableReader.open(await storage.open('x.sst'));
    storage.reads.length = 0;
    const { first, last } = table.index.blocksOfSpan(
      Buffer.from('k005000'),
      Buffer.from('k015000'),
    );
    let entries = 0;
    const it = new RowBlockIterator('x');
    for await (const block of table.blocks(first, last, 1 << 20)) {
      for (it.reset(block.bytes, block.offset); it.next(); ) entries++;
    }
    expect(entries).toBeGreaterThanOrEqual(10_000);
    expect(entries).toBeLessThan(10_100);
    const read = storage.reads.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(read).toBe(table.storedBytes(first, last));
    expect(storage.reads.length).toBe(2);
    for (const { start, end } of storage.reads) expect(end - start).toBeLessThanOrEqual(1 << 20);
  });

  test('a span outside the table has no blocks', async () => {
    const table = await TableReader.open(await new MemoryStorage([['x.sst', bytes]]).open('x.sst'));
    const after = table.index.blocksOfSpan(Buffer.from('l'), Buffer.from('m'));
    expect(after.last - after.first).toBe(0);
    const whole = table.index.blocksOfSpan(Buffer.from('a'), Buffer.from('z'));
    expect(whole).toEqual({ first: 0, last: table.index.handles.length });
  });

  test('a small table is opened with one read', async () => {
    const storage = new MemoryStorage([['x.sst', write(10, 4096)]]);
    const table = await TableReader.open(await storage.open('x.sst'));
    expect(storage.reads.length).toBe(1);
    expect((await dump(table)).length).toBe(10);
  });

  test('a table without entries', async () => {
    const storage = new MemoryStorage([['x.sst', write(0, 4096)]]);
    expect(await dump(await TableReader.open(await storage.open('x.sst')))).toEqual([]);
  });
});

describe('tables that must not be read', () => {
  const open = async (bytes: Uint8Array): Promise<TableReader> =>
    TableReader.open(await new MemoryStorage([['x.sst', bytes]]).open('x.sst'));
  const bytes = Buffer.from(write(100, 4096));
  const patched = (at: number, hex: string): Buffer => {
    const copy = Buffer.from(bytes);
    copy.set(Buffer.from(hex, 'hex'), at < 0 ? copy.length + at : at);
    return copy;
  };

  test.each<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['a short file', bytes.subarray(0, 30)],
    ['no magic', patched(-1, '00')],
    ['another RocksDB version', patched(-12, '05000000')],
    ['an unknown checksum type', patched(-53, '02')],
    ['a handle outside the file', patched(-52, 'ffffffffff7f')],
    ['a flipped bit in a block', patched(10, 'ff')],
    ['a truncated file', bytes.subarray(0, bytes.length - 1)],
  ])('%s is corruption', async (_, table) => {
    await expect(open(table).then(dump)).rejects.toThrow(CorruptionError);
  });

  test('columnar tables of later releases are refused', async () => {
    const table = patched(-12, '05000000f09faab3f09faab3');
    await expect(open(table)).rejects.toThrow(SqlError);
    await expect(open(table)).rejects.toThrow(/Pebble format 5/);
  });
});
