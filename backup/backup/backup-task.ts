import { create } from '@bufbuild/protobuf';
import { notSupported } from '../../base/errors';
import { CatalogReader } from '../../catalog/catalog-reader';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { readTopology } from '../../catalog/topology';
import type { ExternalStorage } from '../../storage/external/external-storage';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Connection } from '../../storage/ranges/connection';
import { readSequence } from '../../storage/ranges/sequence-rows';
import { uniqueId } from '../../storage/ranges/unique-id';
import { encodeSequence } from '../format/datum/row-encoder';
import {
  type BackupManifest,
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
import { Base } from './base';
import { DataFiles, encryption } from './data-files';
import { deleteCheckpoint } from './destination';
import { indexBuild } from './index-builds';
import { type LayerContents, layerManifest } from './layer-manifest';
import { LayerStorages } from './layer-storages';
import { partitionOf } from './localities';
import { Outputs } from './outputs';
import type { BackupPayload } from './payload';
import { tableStatistics } from './statistics';
import { SystemSource } from './system-source';
import { backUpTable } from './table-backup';
import type { OpenTableSource, TableSource } from './table-source';
import { type BackupContents, contentsOf } from './targets';
import { type WrittenTable, writtenTable } from './written-table';

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
 * Writes a layer, full or incremental, of a snapshot: data, manifest, statistics, and LATEST at the very end. Called again after a crash it
 * starts anew, over the files of the run before.
 * @throws the signal's reason; SqlError
 */
export async function runBackupTask(options: BackupTaskOptions): Promise<BackupTotals> {
  const { payload } = options;
  const storages = await LayerStorages.open(payload, options.storage);
  try {
    const base = await Base.open(payload, options.storage);
    try {
      return await writeLayer(options, storages, base);
    } finally {
      await base?.close();
    }
  } finally {
    await storages.close();
  }
}

async function writeLayer(
  options: BackupTaskOptions,
  storages: LayerStorages,
  base: Base | undefined,
): Promise<BackupTotals> {
  const { payload, db, endTime } = options;
  const catalog = new CatalogReader().read(db);
  const contents = contentsOf(catalog, payload.scope);
  const source = await options.openSource(db, catalog);
  const own = partitionOf(payload.partitions ?? [], readTopology(db).locality)?.locality ?? '';
  const files = new DataFiles(storages.of(own), own, options);
  await files.deleteOld();
  const written = await writeData({ options, catalog, contents, source, files, base });
  const times = { startTime: base?.startTime ?? 0n, endTime };
  const manifest = layerManifest(db, payload, times, { ...written, files: files.files });
  const statistics = create(StatsTableSchema, {
    statistics: tableStatistics(db, contents.tables),
  });
  options.signal.throwIfAborted();
  const { directory, inCollection } = payload;
  const encrypt = encryption(payload);
  // LATEST names the newest full backup, whatever layers that has.
  const namesLatest = inCollection && base === undefined;
  await storages.writeParts(manifest, directory, encrypt);
  await publish(storages.of(''), manifest, statistics, { directory, namesLatest, encrypt });
  return manifest.entryCounts ?? create(RowCountSchema);
}

interface Work {
  readonly options: BackupTaskOptions;
  readonly catalog: CatalogSnapshot;
  readonly contents: BackupContents;
  readonly source: TableSource;
  readonly files: DataFiles;
  readonly base: Base | undefined;
}

async function writeData(work: Work): Promise<Omit<LayerContents, 'files'>> {
  const { options, catalog, contents } = work;
  const spans: KeySpan[] = [];
  const introduced: KeySpan[] = [];
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
    const isTable = 'encoding' in table;
    const indexIds = isTable ? table.indexIds : [SEQUENCE_INDEX];
    const primaryId = isTable ? table.primaryId : SEQUENCE_INDEX;
    const id = isTable ? table.descriptor.id : table.id;
    const outputs = await Outputs.open(work, id, indexIds, primaryId);
    try {
      if (isTable) await backUpTable(table, source, outputs);
      else await writeSequence(table, options, outputs);
    } finally {
      await outputs.close();
    }
    if (isTable) descriptors.set(id, table.descriptor);
    spans.push(...outputs.spans);
    introduced.push(...outputs.introduced);
    options.onProgress((i + 1) / tables.length);
  }
  return { contents, spans, introduced, descriptors };
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

async function writeSequence(
  table: TableDescriptor,
  { db, endTime }: BackupTaskOptions,
  outputs: Outputs,
): Promise<void> {
  const { increment = 1n, start = 1n } = table.sequenceOpts ?? {};
  const value = readSequence(db, table.id) ?? start - increment;
  const output = outputs.of(SEQUENCE_INDEX);
  encodeSequence(table.id, value, (key, pair) => output.add(key.view(), pair.view(), endTime));
  await output.finish();
}

/** In this order: whoever finds a manifest finds all that it names, and LATEST never names less. */
async function publish(
  storage: ExternalStorage,
  manifest: BackupManifest,
  statistics: StatsTable,
  { directory, namesLatest, encrypt }: Publication,
): Promise<void> {
  await writeStatistics(storage, directory, statistics, encrypt);
  await writeManifest(storage, joinPath(directory, FILE.manifest), manifest, encrypt);
  if (namesLatest) await writeLatest(storage, directory);
  await deleteCheckpoint(storage, directory);
}

interface Publication {
  readonly directory: string;
  readonly namesLatest: boolean;
  readonly encrypt: Encrypt | undefined;
}
