import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decodeTablePrefix, stripFamilySuffix } from '../../backup/format/datum/table-key';
import type { BackupManifest, BackupManifest_File } from '../../backup/format/gen/backup_pb';
import { readManifest } from '../../backup/format/manifest';
import { decodeEngineKey } from '../../backup/format/mvcc/engine-key';
import { decodeValue } from '../../backup/format/mvcc/value';
import { RowBlockIterator } from '../../backup/format/sstable/row-block';
import { TableReader } from '../../backup/format/sstable/table-reader';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { MemoryStorage } from './memory-storage';

/**
 * Checks a layer of a written backup, field by field and property by property, against what the format reference says of
 * backups of 21.1 and 21.2. Reads with the readers of `backup/format`, which are tested against real backups.
 */

/** Every property that CockroachDB's tables have, in the order of the block. */
const PROPERTY_NAMES = [
  'crdb.ts.max',
  'crdb.ts.min',
  'rocksdb.block.based.table.index.type',
  'rocksdb.block.based.table.prefix.filtering',
  'rocksdb.block.based.table.whole.key.filtering',
  'rocksdb.column.family.id',
  'rocksdb.comparator',
  'rocksdb.compression',
  'rocksdb.compression_options',
  'rocksdb.creation.time',
  'rocksdb.data.size',
  'rocksdb.deleted.keys',
  'rocksdb.external_sst_file.global_seqno',
  'rocksdb.external_sst_file.version',
  'rocksdb.filter.size',
  'rocksdb.fixed.key.length',
  'rocksdb.format.version',
  'rocksdb.index.key.is.user.key',
  'rocksdb.index.size',
  'rocksdb.index.value.is.delta.encoded',
  'rocksdb.merge.operands',
  'rocksdb.merge.operator',
  'rocksdb.num.data.blocks',
  'rocksdb.num.entries',
  'rocksdb.num.range-deletions',
  'rocksdb.oldest.key.time',
  'rocksdb.prefix.extractor.name',
  'rocksdb.property.collectors',
  'rocksdb.raw.key.size',
  'rocksdb.raw.value.size',
];

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** Of an entry's trailer: sequence number 0, kind SET. */
const SET_TRAILER = '0100000000000000';

export interface ValidLayer {
  readonly manifest: BackupManifest;
  readonly pairs: number;
}

/** @throws Error that names what is wrong @param directory of the layer on disk */
export async function validateLayer(directory: string): Promise<ValidLayer> {
  const storage = MemoryStorage.fromDirectory(directory);
  checkChecksum(directory);
  const { manifest } = await readManifest(storage, '');
  checkManifest(manifest, directory);
  const tables = manifest.descriptors.flatMap(({ union }) =>
    union.case === 'table' ? [union.value] : [],
  );
  for (const table of tables) checkTable(table, manifest);
  const primaryIds = new Map(tables.map((table) => [table.id, table.primaryIndex?.id ?? 0]));
  let pairs = 0;
  for (const file of manifest.files) pairs += await checkFile(storage, file, manifest, primaryIds);
  return { manifest, pairs };
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(`invalid backup: ${problem}`);
}

function checkChecksum(directory: string): void {
  const stored = readFileSync(join(directory, 'BACKUP_MANIFEST'));
  check(stored.readUInt16BE(0) === 0x1f8b, 'manifest is not gzip');
  const digest = createHash('sha256').update(stored).digest('hex').slice(0, 8);
  const written = hex(readFileSync(join(directory, 'BACKUP_MANIFEST-CHECKSUM')));
  check(written === digest, `checksum ${written} of a manifest that has ${digest}`);
}

const keyOrder = (a: Uint8Array | undefined, b: Uint8Array | undefined): number =>
  Buffer.compare(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0));

function checkManifest(manifest: BackupManifest, directory: string): void {
  check(manifest.formatVersion === 1, 'format_version');
  check(manifest.id.length === 16 && manifest.clusterId.length === 16, 'id and cluster_id');
  check((manifest.endTime?.wallTime ?? 0n) > 0n, 'end_time');
  for (const [name, value] of Object.entries({
    startTime: manifest.startTime,
    dir: manifest.dir,
    buildInfo: manifest.buildInfo,
    entryCounts: manifest.entryCounts,
    revisionStartTime: manifest.revisionStartTime,
    clusterVersion: manifest.clusterVersion,
  })) {
    check(value !== undefined, `${name} is written even when empty`);
  }
  for (const spans of [manifest.spans, manifest.files.map(({ span }) => span)]) {
    for (const [i, span] of spans.entries()) {
      check(keyOrder(span?.key, span?.endKey) < 0, `span ${hex(span?.key)}-${hex(span?.endKey)}`);
      check(i === 0 || keyOrder(spans[i - 1]?.endKey, span?.key) <= 0, 'spans sorted, disjoint');
    }
  }
  const paths = manifest.files.map(({ path }) => path);
  check(new Set(paths).size === paths.length, 'a path occurs once');
  for (const path of paths) check(/^[1-9][0-9]{0,18}\.sst$/.test(path), `name of ${path}`);
  const present = readdirSync(directory).filter((name) => name.endsWith('.sst'));
  check(present.length === paths.length, 'no data file that the manifest does not name');
  check(!existsSync(join(directory, 'BACKUP-CHECKPOINT')), 'the checkpoint is gone');
  for (const name of Object.values(manifest.statisticsFilenames)) {
    check(existsSync(join(directory, name)), `statistics file ${name}`);
  }
  checkTotals(manifest);
  checkDescriptors(manifest);
}

function checkTotals(manifest: BackupManifest): void {
  for (const field of ['dataSize', 'rows', 'indexEntries'] as const) {
    const sum = manifest.files.reduce((all, file) => all + (file.entryCounts?.[field] ?? 0n), 0n);
    check(manifest.entryCounts?.[field] === sum, `entry_counts.${field}`);
  }
}

function checkDescriptors({ descriptors, completeDbs }: BackupManifest): void {
  const ids = descriptors.map(({ union }) => (union.case === undefined ? 0 : union.value.id));
  check(new Set(ids).size === ids.length && !ids.includes(0), 'each descriptor has an id');
  const databases = descriptors.filter(({ union }) => union.case === 'database');
  check(
    completeDbs.every((id) => databases.some(({ union }) => union.value?.id === id)),
    'complete_dbs are among the descriptors',
  );
  for (const { union } of descriptors) {
    if (union.case === undefined || union.case === 'function') continue;
    const { name, version, privileges, modificationTime } = union.value;
    check(version > 0, `version of ${name}`);
    check((modificationTime?.wallTime ?? 0n) > 0n, `modification_time of ${name}`);
    check((privileges?.users.length ?? 0) > 0, `privileges of ${name}`);
    if (union.case !== 'database') check(ids.includes(union.value.parentId), `parent of ${name}`);
  }
}

function checkTable(table: TableDescriptor, manifest: BackupManifest): void {
  const { name, columns, families, primaryIndex } = table;
  check(table.formatVersion === 3 || table.formatVersion === 2, `format_version of ${name}`);
  if (table.viewQuery !== '' && !table.isMaterializedView) return;
  const indexes = primaryIndex === undefined ? [] : [primaryIndex, ...table.indexes];
  for (const index of indexes) {
    check(index.keyColumnIds.length === index.keyColumnNames.length, `columns of ${index.name}`);
    check(index.keyColumnIds.length === index.keyColumnDirections.length, `order of ${index.name}`);
    const span = manifest.spans.find(({ key, endKey }) => {
      const prefix = Buffer.concat([spanPrefix(table.id), Buffer.from([0x88 + index.id])]);
      return keyOrder(key, prefix) <= 0 && keyOrder(prefix, endKey) < 0;
    });
    check(span !== undefined, `span of ${name}@${index.name}`);
  }
  if (table.sequenceOpts !== undefined) return;
  const columnIds = columns.map(({ id }) => id);
  check(table.nextColumnId > Math.max(...columnIds), `next_column_id of ${name}`);
  check(table.nextIndexId > Math.max(...indexes.map(({ id }) => id)), `next_index_id of ${name}`);
  check(
    table.nextFamilyId > Math.max(...families.map(({ id }) => id)),
    `next_family_id of ${name}`,
  );
  check(families[0]?.id === 0, `${name} has a family 0`);
  const inFamilies = families.flatMap((family) => family.columnIds).sort((a, b) => a - b);
  const stored = columns.filter(({ virtual }) => !virtual).map(({ id }) => id);
  check(inFamilies.join() === stored.sort((a, b) => a - b).join(), `families of ${name}`);
  for (const { mutationId } of table.mutations) {
    check(mutationId < table.nextMutationId, `next_mutation_id of ${name}`);
  }
}

/** Of ids up to 255. */
function spanPrefix(tableId: number): Buffer {
  return tableId <= 109 ? Buffer.from([0x88 + tableId]) : Buffer.from([0xf6, tableId]);
}

interface Seen {
  pairs: number;
  dataSize: bigint;
  rows: bigint;
  indexEntries: bigint;
  rawKeyBytes: number;
  rawValueBytes: number;
  tsMin: string;
  tsMax: string;
}

async function checkFile(
  storage: MemoryStorage,
  file: BackupManifest_File,
  manifest: BackupManifest,
  primaryIds: ReadonlyMap<number, number>,
): Promise<number> {
  const table = await TableReader.open(await storage.open(file.path));
  const { footer, properties, rangeEntries } = table;
  check(footer.family === 'rocksdb' && footer.version === 2, `${file.path}: footer`);
  check(footer.checksumType === 1 && rangeEntries === 'none', `${file.path}: checksum type`);
  const names = [...properties.all.keys()];
  check(names.join() === PROPERTY_NAMES.join(), `${file.path}: properties ${names.join()}`);
  const seen = await walk(table, file, manifest, primaryIds);
  const property = (name: string): string => hex(properties.all.get(name));
  const expected = {
    'rocksdb.num.entries': varint(seen.pairs),
    'rocksdb.num.data.blocks': varint(table.index.handles.length),
    'rocksdb.raw.key.size': varint(seen.rawKeyBytes),
    'rocksdb.raw.value.size': varint(seen.rawValueBytes),
    'rocksdb.data.size': varint(table.storedBytes(0, table.index.handles.length)),
    'crdb.ts.min': seen.tsMin,
    'crdb.ts.max': seen.tsMax,
    'rocksdb.comparator': hex(Buffer.from('cockroach_comparator')),
    'rocksdb.merge.operator': hex(Buffer.from('nullptr')),
    'rocksdb.block.based.table.index.type': '00000000',
  };
  for (const [name, value] of Object.entries(expected)) {
    check(property(name) === value, `${file.path}: ${name} = ${property(name)}, not ${value}`);
  }
  for (const field of ['dataSize', 'rows', 'indexEntries'] as const) {
    check(file.entryCounts?.[field] === seen[field], `${file.path}: entry_counts.${field}`);
  }
  return seen.pairs;
}

function varint(value: number): string {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return hex(Buffer.from([...bytes, rest]));
}

async function walk(
  table: TableReader,
  file: BackupManifest_File,
  { startTime, endTime }: BackupManifest,
  primaryIds: ReadonlyMap<number, number>,
): Promise<Seen> {
  const seen: Seen = {
    pairs: 0,
    dataSize: 0n,
    rows: 0n,
    indexEntries: 0n,
    rawKeyBytes: 0,
    rawValueBytes: 0,
    tsMin: 'ff',
    tsMax: '',
  };
  const isIncremental = (startTime?.wallTime ?? 0n) > 0n;
  let before: ReturnType<typeof decodeEngineKey> | undefined;
  let row = '';
  const entries = new RowBlockIterator(file.path);
  for await (const block of table.blocks(0, table.index.handles.length)) {
    for (entries.reset(block.bytes, block.offset); entries.next(); ) {
      const internal = Uint8Array.from(entries.key);
      check(hex(internal.subarray(-8)) === SET_TRAILER, `${file.path}: kind of an entry`);
      const engine = decodeEngineKey(internal.subarray(0, -8), file.path);
      const { key, wallTime } = engine;
      const inSpan = keyOrder(file.span?.key, key) <= 0 && keyOrder(key, file.span?.endKey) < 0;
      check(inSpan, `${file.path}: ${hex(key)} is of another span`);
      if (before !== undefined) {
        const order = keyOrder(before.key, key);
        const isOlder = order === 0 && wallTime < before.wallTime;
        check(order < 0 || isOlder, `${file.path}: ${hex(key)} comes too late`);
      }
      check(wallTime <= (endTime?.wallTime ?? 0n), `${file.path}: ${hex(key)} is of later`);
      const value = decodeValue(key, Uint8Array.from(entries.value), file.path);
      // Only index backfills of CockroachDB write values without a checksum; others are checked here.
      check(value !== undefined || isIncremental, `${hex(key)}: a tombstone in a full backup`);
      before = engine;
      const version = hex(internal.subarray(key.length + 1, -9));
      seen.tsMin = version < seen.tsMin ? version : seen.tsMin;
      seen.tsMax = version > seen.tsMax ? version : seen.tsMax;
      seen.pairs++;
      seen.rawKeyBytes += internal.length;
      seen.rawValueBytes += entries.value.length;
      seen.dataSize += BigInt(key.length + entries.value.length);
      const ownRow = hex(stripFamilySuffix(key) ?? key);
      if (ownRow !== row) {
        const { tableId, indexId } = decodeTablePrefix(key);
        if (primaryIds.get(tableId) === indexId) seen.rows++;
        else seen.indexEntries++;
      }
      row = ownRow;
    }
  }
  return seen;
}
