import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { RowBlockIterator } from '../../../../backup/format/sstable/row-block';
import { TableReader } from '../../../../backup/format/sstable/table-reader';
import { TableWriter } from '../../../../backup/format/sstable/table-writer';
import type { ExternalFile } from '../../../../storage/external/external-storage';
import { fixturesDir } from '../../../support/shared';

/** The tables of real backups, written again from their entries, have the same properties, blocks and footers. */

function memoryFile(name: string, bytes: Uint8Array): ExternalFile {
  return {
    name,
    sizeBytes: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    close: async () => undefined,
  };
}

interface Contents {
  readonly properties: ReadonlyMap<string, string>;
  readonly blocks: readonly string[];
  readonly footer: unknown;
}

/** Sizes depend on the compressor, which is another one. */
const SIZE_PROPERTIES = new Set(['rocksdb.data.size', 'rocksdb.index.size']);

async function contentsOf(file: ExternalFile, visit: (key: Uint8Array, value: Uint8Array) => void) {
  const table = await TableReader.open(file);
  const { family, version, checksumType } = table.footer;
  const contents: Contents & { blocks: string[]; properties: Map<string, string> } = {
    properties: new Map(),
    blocks: [],
    footer: { family, version, checksumType },
  };
  for (const [name, value] of table.properties.all) {
    if (!SIZE_PROPERTIES.has(name)) {
      contents.properties.set(name, Buffer.from(value).toString('hex'));
    }
  }
  const entries = new RowBlockIterator(file.name);
  for await (const block of table.blocks(0, table.index.handles.length)) {
    contents.blocks.push(Buffer.from(block.bytes).toString('hex'));
    for (entries.reset(block.bytes, block.offset); entries.next(); ) {
      visit(entries.key.subarray(0, entries.keyLength - 8), entries.value);
    }
  }
  return contents;
}

const tables = ['alltypes', 'bank', 'movr'].flatMap((name) => {
  const collection = join(fixturesDir, 'backups', name);
  return (readdirSync(collection, { recursive: true }) as string[])
    .filter((path) => path.endsWith('.sst'))
    .sort()
    .map((path) => join(collection, path));
});

test('there are tables', () => {
  expect(tables.length).toBeGreaterThan(20);
});

test.each(tables)('%s', async (path) => {
  const writer = new TableWriter();
  const original = await contentsOf(memoryFile(path, readFileSync(path)), (key, value) =>
    writer.add(key, value),
  );
  const written = memoryFile(`${path} written`, Buffer.concat(writer.finish()));
  expect(await contentsOf(written, () => undefined)).toEqual(original);
});
