import { create } from '@bufbuild/protobuf';
import { notSupported } from '../../base/errors';
import { CatalogReader } from '../../catalog/catalog-reader';
import { TimestampSchema } from '../../catalog/descriptor/gen/common_pb';
import { type Descriptor, DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { ExternalStorage } from '../../storage/external/external-storage';
import { openStorage } from '../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Connection } from '../../storage/ranges/connection';
import { readSequence } from '../../storage/ranges/sequence-rows';
import { readStoreInfo } from '../../storage/ranges/store-info';
import { uniqueId } from '../../storage/ranges/unique-id';
import { encryptBytes } from '../encryption';
import { encodeSequence } from '../format/datum/row-encoder';
import {
  type BackupManifest,
  type BackupManifest_File,
  BackupManifestSchema,
  type RowCount,
  RowCountSchema,
  type StatsTable,
  StatsTableSchema,
} from '../format/gen/backup_pb';
import { FILE, joinPath } from '../format/layout';
import {
  type Encrypt,
  writeLatest,
  writeManifest,
  writeStatistics,
} from '../format/manifest-writer';
import type { KeySpan } from '../restore/coverage';
import { deleteCheckpoint } from './destination';
import { indexBuild } from './index-builds';
import type { BackupPayload } from './payload';
import { type FinishedFile, fileMessage, SpanWriter, spanMessage } from './span-writer';
import { tableStatistics } from './statistics';
import { SystemSource } from './system-source';
import { backUpTable } from './table-backup';
import type { OpenTableSource, TableSource } from './table-source';
import { type BackupContents, contentsOf } from './targets';
import { indexSpans, type WrittenTable, writtenTable } from './written-table';

export interface BackupTaskOptions {
  /** This thread's own connection, in a read transaction whose snapshot is what is backed up. */
  readonly db: Connection;
  /** No commit that the snapshot holds is later, and none of those to come is earlier. */
  readonly endTime: bigint;
  readonly storage: ExternalStorageOptions;
  readonly jobId: bigint;
  readonly payload: BackupPayload;
  readonly openSource: OpenTableSource;
  readonly signal: AbortSignal;
  /** @param fraction of the work that is done */
  readonly onProgress: (fraction: number) => void;
}

/** What a BACKUP tells when it has succeeded. */
export interface BackupTotals {
  readonly rows: bigint;
  readonly indexEntries: bigint;
  readonly dataSize: bigint;
}

/**
 * Writes a full backup of a snapshot: data, manifest, statistics, and LATEST at the very end. Called again after a crash it
 * starts anew, over the files of the run before.
 * @throws the signal's reason; SqlError
 */
export async function runBackupTask(options: BackupTaskOptions): Promise<BackupTotals> {
  const { payload, db } = options;
  const catalog = new CatalogReader().read(db);
  const contents = contentsOf(catalog, payload.scope);
  const source = await options.openSource(db, catalog);
  const storage = await openStorage(payload.uri, options.storage);
  try {
    const files = new DataFiles(storage, options);
    await files.deleteOld();
    const written = await writeData({ options, catalog, contents, source, files });
    const manifest = manifestOf(options, contents, written, files.files);
    const statistics = create(StatsTableSchema, {
      statistics: tableStatistics(db, contents.tables),
    });
    const { directory, inCollection } = payload;
    options.signal.throwIfAborted();
    const encrypt = encryption(payload);
    await publish(storage, manifest, statistics, { directory, inCollection, encrypt });
    return manifest.entryCounts ?? create(RowCountSchema);
  } finally {
    await storage.close();
  }
}

interface Work {
  readonly options: BackupTaskOptions;
  readonly catalog: CatalogSnapshot;
  readonly contents: BackupContents;
  readonly source: TableSource;
  readonly files: DataFiles;
}

interface WrittenData {
  readonly spans: readonly KeySpan[];
  /** Of tables that are written otherwise than the catalog has them. */
  readonly descriptors: ReadonlyMap<number, TableDescriptor>;
}

async function writeData(work: Work): Promise<WrittenData> {
  const { options, catalog, contents, files } = work;
  const spans: KeySpan[] = [];
  const descriptors = new Map<number, TableDescriptor>();
  // All of them, before the first is written: what can't be written shows at once.
  const tables = contents.tables.flatMap(({ descriptor }): (WrittenTable | TableDescriptor)[] => {
    if (descriptor.union.case !== 'table') return [];
    const table = descriptor.union.value;
    if (table.viewQuery !== '' && !table.isMaterializedView) return [];
    if (table.sequenceOpts !== undefined) return [table];
    return [writtenTable(table, (id) => catalog.enumMetadata(id))];
  });
  const source = sourceOf(work, tables);
  for (const [i, table] of tables.entries()) {
    if ('encoding' in table) {
      spans.push(...table.spans);
      descriptors.set(table.descriptor.id, table.descriptor);
      await backUpTable(table, source, {
        ...spanOptions(options, table),
        turn: (finished) => files.turn(finished),
      });
    } else {
      spans.push(...indexSpans(table.id, [SEQUENCE_INDEX]));
      await writeSequence(table, options, files);
    }
    options.onProgress((i + 1) / tables.length);
  }
  return { spans, descriptors };
}

/** For a full cluster, rows of system tables too. */
function sourceOf(
  { options, source }: Work,
  tables: readonly (WrittenTable | TableDescriptor)[],
): TableSource {
  const { db, payload, endTime } = options;
  if (payload.scope.kind !== 'cluster') return source;
  refuseUnkept(db);
  const nowMicros = endTime / 1000n;
  const builds = tables.flatMap((table) =>
    'encoding' in table ? (indexBuild(table, uniqueId(NODE_ID), nowMicros) ?? []) : [],
  );
  return new SystemSource(db, source, builds);
}

const NODE_ID = 1;

/** @throws SqlError featureNotSupported (0A000) for what full cluster backups of that release have no place for */
function refuseUnkept(db: Connection): void {
  const rows = {
    default_privileges: 'ALTER DEFAULT PRIVILEGES',
    role_settings: 'ALTER ROLE … SET',
  };
  for (const [table, statement] of Object.entries(rows)) {
    if (db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined) continue;
    throw notSupported(
      `BACKUP of a full cluster with what ${statement} has set`,
      'Reset it, or back up the databases by name.',
    );
  }
}

const SEQUENCE_INDEX = 1;

const spanOptions = (
  { endTime }: BackupTaskOptions,
  { primaryId }: Pick<WrittenTable, 'primaryId'>,
) => ({
  endTime,
  primaryIndexOf: () => primaryId,
});

async function writeSequence(
  table: TableDescriptor,
  options: BackupTaskOptions,
  files: DataFiles,
): Promise<void> {
  const { increment = 1n, start = 1n } = table.sequenceOpts ?? {};
  const value = readSequence(options.db, table.id) ?? start - increment;
  for (const span of indexSpans(table.id, [SEQUENCE_INDEX])) {
    const writer = new SpanWriter(span, spanOptions(options, { primaryId: SEQUENCE_INDEX }));
    encodeSequence(table.id, value, (key, pair) => {
      writer.add(key.view(), pair.view(), options.endTime);
    });
    writer.finish();
    await files.turn(writer.finished);
  }
}

/** Data files of one job have numbers that follow its own, which no other file has: the last bits of ids name nodes. */
const FILES_MAX = 1 << 15;
const DATA_FILE = /^([0-9]{1,19})\.sst$/;

class DataFiles {
  readonly files: BackupManifest_File[] = [];
  private readonly storage: ExternalStorage;
  private readonly options: BackupTaskOptions;
  private readonly encrypt: Encrypt | undefined;

  constructor(storage: ExternalStorage, options: BackupTaskOptions) {
    this.storage = storage;
    this.options = options;
    this.encrypt = encryption(options.payload);
  }

  async turn(finished: FinishedFile[]): Promise<void> {
    for (let file = finished.shift(); file !== undefined; file = finished.shift()) {
      const path = `${this.options.jobId + BigInt(this.files.length)}.sst`;
      const plain = Buffer.concat(file.pieces);
      const stored = this.encrypt === undefined ? plain : this.encrypt(plain);
      await this.storage.write(joinPath(this.options.payload.directory, path), stored);
      this.files.push(fileMessage(file, path));
    }
    await nextTurn();
    this.options.signal.throwIfAborted();
  }

  /** What an earlier run of the job has left. */
  async deleteOld(): Promise<void> {
    await deleteDataFiles(this.storage, this.options.payload.directory, this.options.jobId);
  }
}

/** Lets messages in: a request to stop is one. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function deleteDataFiles(
  storage: ExternalStorage,
  directory: string,
  jobId: bigint,
): Promise<void> {
  const prefix = directory === '' ? '' : joinPath(directory, '');
  const found: string[] = [];
  for await (const path of storage.list(prefix, '/')) {
    const number = BigInt(DATA_FILE.exec(path.slice(prefix.length))?.[1] ?? -1);
    if (number >= jobId && number < jobId + BigInt(FILES_MAX)) found.push(path);
  }
  for (const path of found) await storage.delete(path);
}

function encryption({ key }: BackupPayload): Encrypt | undefined {
  if (key === undefined) return undefined;
  const bytes = Buffer.from(key, 'base64');
  return (plain) => encryptBytes(plain, bytes);
}

/** CockroachDB refuses backups of a version later than its own; nothing that is written here needs a later one. */
const CLUSTER_VERSION = { majorVal: 21, minorVal: 1 } as const;

function manifestOf(
  options: BackupTaskOptions,
  contents: BackupContents,
  written: WrittenData,
  files: readonly BackupManifest_File[],
): BackupManifest {
  const { db, payload, endTime } = options;
  return create(BackupManifestSchema, {
    startTime: create(TimestampSchema),
    endTime: create(TimestampSchema, { wallTime: endTime }),
    spans: written.spans.map(spanMessage),
    files: [...files],
    descriptors: contents.descriptors.map(({ id, descriptor }) => {
      const table = written.descriptors.get(id);
      return table === undefined ? descriptor : tableMessage(table);
    }),
    dir: {},
    formatVersion: 1,
    clusterId: Buffer.from(readStoreInfo(db).clusterId.replaceAll('-', ''), 'hex'),
    nodeId: NODE_ID,
    buildInfo: { tag: 'ootheca' },
    entryCounts: totalCounts(files),
    completeDbs: [...contents.completeDbs],
    revisionStartTime: create(TimestampSchema),
    id: Buffer.from(payload.backupId, 'hex'),
    descriptorCoverage: payload.scope.kind === 'cluster' ? 1 : 0,
    statisticsFilenames: Object.fromEntries(contents.tables.map(({ id }) => [id, FILE.statistics])),
    clusterVersion: CLUSTER_VERSION,
  });
}

const tableMessage = (table: TableDescriptor): Descriptor =>
  create(DescriptorSchema, { union: { case: 'table', value: table } });

function totalCounts(files: readonly BackupManifest_File[]): RowCount {
  const total = create(RowCountSchema);
  for (const { entryCounts } of files) {
    total.dataSize += entryCounts?.dataSize ?? 0n;
    total.rows += entryCounts?.rows ?? 0n;
    total.indexEntries += entryCounts?.indexEntries ?? 0n;
  }
  return total;
}

/** In this order: whoever finds a manifest finds all that it names, and LATEST never names less. */
async function publish(
  storage: ExternalStorage,
  manifest: BackupManifest,
  statistics: StatsTable,
  { directory, inCollection, encrypt }: Publication,
): Promise<void> {
  await writeStatistics(storage, directory, statistics, encrypt);
  await writeManifest(storage, joinPath(directory, FILE.manifest), manifest, encrypt);
  if (inCollection) await writeLatest(storage, directory);
  await deleteCheckpoint(storage, directory);
}

interface Publication {
  readonly directory: string;
  readonly inCollection: boolean;
  readonly encrypt: Encrypt | undefined;
}
