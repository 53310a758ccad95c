import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decryptBytes } from '../../backup/encryption';
import {
  decodeTablePrefix,
  encodeTablePrefix,
  stripFamilySuffix,
} from '../../backup/format/datum/table-key';
import type { BackupManifest, BackupManifest_File } from '../../backup/format/gen/backup_pb';
import {
  type Decrypt,
  readManifest,
  readPartitionDescriptor,
  readStatistics,
} from '../../backup/format/manifest';
import { decodeEngineKey } from '../../backup/format/mvcc/engine-key';
import { decodeValue } from '../../backup/format/mvcc/value';
import { RowBlockIterator } from '../../backup/format/sstable/row-block';
import { TableReader } from '../../backup/format/sstable/table-reader';
import type { Span } from '../../catalog/descriptor/gen/common_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { descriptorProblems } from './descriptor-rules/descriptor-problems';
import { MemoryStorage } from './memory-storage';
import { revisionProblems } from './revision-rules';

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

export interface LayerOptions {
  /** Of an encrypted layer. */
  readonly key?: Uint8Array;
  /** Directories of its other localities, in the order of the manifest's list. */
  readonly partitions?: readonly string[];
}

/** A layer's directories and how to read what is in them. */
interface Layer {
  readonly directory: string;
  readonly partitions: readonly string[];
  readonly manifest: BackupManifest;
  readonly decrypt: Decrypt | undefined;
  readonly primaryIds: ReadonlyMap<number, number>;
}

/** @throws Error that names what is wrong @param directory of the layer on disk */
export async function validateLayer(
  directory: string,
  { key, partitions = [] }: LayerOptions = {},
): Promise<ValidLayer> {
  checkChecksum(directory, key !== undefined);
  const decrypt: Decrypt | undefined =
    key === undefined ? undefined : (bytes, file) => decryptBytes(bytes, key, file);
  const { manifest } = await readManifest(MemoryStorage.fromDirectory(directory), '', decrypt);
  const tables = manifest.descriptors.flatMap(({ union }) =>
    union.case === 'table' ? [union.value] : [],
  );
  const primaryIds = new Map(tables.map((table) => [table.id, table.primaryIndex?.id ?? 0]));
  const layer = { directory, partitions, manifest, decrypt, primaryIds };
  checkManifest(layer);
  await checkParts(layer);
  await checkStatistics(layer);
  const problems = [...(await descriptorProblems(manifest.descriptors, manifest.completeDbs))];
  problems.push(...(await revisionProblems(manifest)));
  check(problems.length === 0, problems.join('\n'));
  for (const table of tables) checkSpansOf(table, manifest);
  let pairs = 0;
  for (const file of manifest.files) pairs += await checkFile(layer, file);
  return { manifest, pairs };
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(`invalid backup: ${problem}`);
}

function checkChecksum(directory: string, isEncrypted: boolean): void {
  const stored = readFileSync(join(directory, 'BACKUP_MANIFEST'));
  const isGzip = stored.readUInt16BE(0) === 0x1f8b;
  const hasHeader = stored.subarray(0, 8).equals(Buffer.from('encrypt\u0002'));
  check(isEncrypted ? hasHeader : isGzip, 'manifest is neither gzip nor encrypted');
  const digest = createHash('sha256').update(stored).digest('hex').slice(0, 8);
  const written = hex(readFileSync(join(directory, 'BACKUP_MANIFEST-CHECKSUM')));
  check(written === digest, `checksum ${written} of a manifest that has ${digest}`);
}

const keyOrder = (a: Uint8Array | undefined, b: Uint8Array | undefined): number =>
  Buffer.compare(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0));

function checkManifest(layer: Layer): void {
  const { manifest, directory, partitions } = layer;
  check(manifest.formatVersion === 1, 'format_version');
  check(manifest.id.length === 16 && manifest.clusterId.length === 16, 'id and cluster_id');
  check((manifest.$unknown ?? []).length === 0, 'fields of later releases');
  checkTimes(manifest);
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
  const { majorVal = 0, minorVal = 0 } = manifest.clusterVersion ?? {};
  check(majorVal === 21 && minorVal === 1, 'cluster_version that v21.2-alpha would call newer');
  checkSpans(manifest);
  const paths = manifest.files.map(({ path }) => path);
  check(new Set(paths).size === paths.length, 'a path occurs once');
  for (const path of paths) check(/^[1-9][0-9]{0,18}\.sst$/.test(path), `name of ${path}`);
  const present = [directory, ...partitions].flatMap((each) =>
    readdirSync(each).filter((name) => name.endsWith('.sst')),
  );
  check(present.length === paths.length, 'no data file that the manifest does not name');
  check(!existsSync(join(directory, 'BACKUP-CHECKPOINT')), 'the checkpoint is gone');
  checkTotals(manifest);
  const end = manifest.endTime?.wallTime ?? 0n;
  for (const { union } of manifest.descriptors) {
    const { name, modificationTime } = union.value ?? {};
    check((modificationTime?.wallTime ?? 0n) <= end, `${name} was changed after the backup`);
  }
  const databases = manifest.descriptors.flatMap(({ union }) =>
    union.case === 'database' ? [union.value.id] : [],
  );
  check(
    manifest.completeDbs.every((id) => databases.includes(id)),
    'complete_dbs are among the descriptors',
  );
}

function checkTimes({ startTime, endTime, mvccFilter, descriptorChanges }: BackupManifest): void {
  const [start, end] = [startTime?.wallTime ?? 0n, endTime?.wallTime ?? 0n];
  check(end > 0n && start < end, 'start_time and end_time');
  check(mvccFilter === 1 || descriptorChanges.length === 0, 'revisions without revision history');
}

function checkSpans({ spans, files, introducedSpans, startTime }: BackupManifest): void {
  const ofFiles = files.map(({ span }) => span);
  for (const list of [spans, ofFiles, introducedSpans]) {
    for (const [i, span] of list.entries()) {
      check(keyOrder(span?.key, span?.endKey) < 0, `span ${hex(span?.key)}-${hex(span?.endKey)}`);
      check(i === 0 || keyOrder(list[i - 1]?.endKey, span?.key) <= 0, 'spans sorted, disjoint');
    }
  }
  const isInside = (span: Span | undefined) =>
    spans.some(
      ({ key, endKey }) => keyOrder(key, span?.key) <= 0 && keyOrder(span?.endKey, endKey) <= 0,
    );
  check(ofFiles.every(isInside), 'files lie in the spans');
  check(introducedSpans.every(isInside), 'what is introduced is among the spans');
  const isFull = (startTime?.wallTime ?? 0n) === 0n;
  check(!isFull || introducedSpans.length === 0, 'a full backup introduces nothing');
}

/** The descriptors of the other locations name their files, and those are there. */
async function checkParts({ manifest, partitions, decrypt }: Layer): Promise<void> {
  const { localityKvs, partitionDescriptorFilenames: names, files, id } = manifest;
  check(localityKvs.length === partitions.length && names.length === partitions.length, 'parts');
  for (const [i, localityKv] of localityKvs.entries()) {
    const name = names[i] ?? '';
    check(name === `BACKUP_PART_${i + 1}_${localityKv.replace(/[^A-Za-z0-9-=]/g, '_')}`, name);
    const storage = MemoryStorage.fromDirectory(partitions[i] ?? '');
    const part = await readPartitionDescriptor(storage, name, decrypt);
    check(hex(part.backupId) === hex(id) && part.localityKv === localityKv, `${name}: its backup`);
    const own = files.filter((file) => file.localityKv === localityKv).map(({ path }) => path);
    check(part.files.map(({ path }) => path).join() === own.join(), `${name}: its files`);
  }
  const known = new Set(['', ...localityKvs]);
  check(
    files.every((file) => known.has(file.localityKv)),
    'localities of files',
  );
}

async function checkStatistics({ manifest, directory, decrypt }: Layer): Promise<void> {
  const tables = new Map(
    manifest.descriptors.flatMap(({ union }) =>
      union.case === 'table' ? [[union.value.id, union.value] as const] : [],
    ),
  );
  for (const [id, name] of Object.entries(manifest.statisticsFilenames)) {
    check(name === 'BACKUP-STATISTICS' && tables.has(Number(id)), `statistics of ${id}`);
  }
  const storage = MemoryStorage.fromDirectory(directory);
  const { statistics } = await readStatistics(storage, '', decrypt);
  for (const { tableId, columnIds, statisticId, createdAt } of statistics) {
    const columns = tables.get(tableId)?.columns.map((column) => column.id) ?? [];
    check(columnIds.length > 0 && statisticId > 0n, `statistic of table ${tableId}`);
    check(
      columnIds.every((id) => columns.includes(id)),
      `columns of a statistic of ${tableId}`,
    );
    check((createdAt?.seconds ?? 0n) > 0n, `time of a statistic of ${tableId}`);
  }
}

function checkTotals(manifest: BackupManifest): void {
  for (const field of ['dataSize', 'rows', 'indexEntries'] as const) {
    const sum = manifest.files.reduce((all, file) => all + (file.entryCounts?.[field] ?? 0n), 0n);
    check(manifest.entryCounts?.[field] === sum, `entry_counts.${field}`);
  }
}

/** Each index that is public has a span, also without entries. */
function checkSpansOf(table: TableDescriptor, manifest: BackupManifest): void {
  const { name, primaryIndex } = table;
  if (table.viewQuery !== '' && !table.isMaterializedView) return;
  for (const index of primaryIndex === undefined ? [] : [primaryIndex, ...table.indexes]) {
    // Of an interleaved index those of the table that it lies in.
    const [root] = index.interleave?.ancestors ?? [];
    const prefix = encodeTablePrefix(root?.tableId ?? table.id, root?.indexId ?? index.id);
    const span = manifest.spans.find(
      ({ key, endKey }) => keyOrder(key, prefix) <= 0 && keyOrder(prefix, endKey) < 0,
    );
    check(span !== undefined, `span of ${name}@${index.name}`);
  }
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

async function checkFile(layer: Layer, file: BackupManifest_File): Promise<number> {
  const { directory, partitions, manifest, decrypt } = layer;
  const at = manifest.localityKvs.indexOf(file.localityKv);
  const stored = readFileSync(join(at < 0 ? directory : (partitions[at] ?? ''), file.path));
  const plain = decrypt === undefined ? stored : decrypt(stored, file.path);
  const table = await TableReader.open(
    await new MemoryStorage([[file.path, plain]]).open(file.path),
  );
  const { footer, properties, rangeEntries } = table;
  check(footer.family === 'rocksdb' && footer.version === 2, `${file.path}: footer`);
  check(footer.checksumType === 1 && rangeEntries === 'none', `${file.path}: checksum type`);
  const names = [...properties.all.keys()];
  check(names.join() === PROPERTY_NAMES.join(), `${file.path}: properties ${names.join()}`);
  const seen = await walk(table, file, layer);
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
  { manifest, primaryIds }: Layer,
): Promise<Seen> {
  const { startTime, endTime, mvccFilter } = manifest;
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
  const start = startTime?.wallTime ?? 0n;
  const isIntroduced = manifest.introducedSpans.some(
    ({ key, endKey }) =>
      keyOrder(key, file.span?.key) <= 0 && keyOrder(file.span?.endKey, endKey) <= 0,
  );
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
      const mayDelete = mvccFilter === 1 || (start > 0n && !isIntroduced);
      check(value !== undefined || mayDelete, `${hex(key)}: a tombstone that covers nothing`);
      check(wallTime > start || isIntroduced, `${hex(key)}: of before the layer`);
      check(
        before === undefined || mvccFilter === 1 || keyOrder(before.key, key) < 0,
        `${hex(key)}: two versions without revision history`,
      );
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
