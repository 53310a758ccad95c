import { create } from '@bufbuild/protobuf';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { DescriptorHeader } from '../../catalog/snapshot';
import type { ExternalStorage } from '../../storage/external/external-storage';
import { descriptorEpoch } from '../../storage/ranges/descriptor-history';
import { isUnchangedSince } from '../../storage/ranges/history-reads';
import { CATALOG_TABLE_ID, settledTime } from '../../storage/ranges/pushed-writes';
import {
  type BackupManifest,
  type BackupManifest_File,
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
import type { PartThreads } from './backup-thread-messages';
import type { Base } from './base';
import { changesKnownSince } from './changed-rows';
import { type Checkpoint, formOf } from './checkpoint';
import { CheckpointWriter } from './checkpoint-writer';
import { encryption } from './data-files';
import { deleteCheckpoint, writeCheckpoint } from './destination';
import { writeAsOf, writeHistory } from './history-layer';
import { indexBuild } from './index-builds';
import { type LayerContents, type LayerTimes, layerManifest } from './layer-manifest';
import { type LayerOptions, OpenedLayer } from './opened-layer';
import type { Part, WrittenFile, WrittenPart } from './part';
import { byStart, tableSpans } from './part-planner';
import type { PartWriter } from './part-writer';
import type { BackupPayload } from './payload';
import { resumeParts } from './resume-parts';
import { hadRoleSettings, isRoleSettings } from './role-settings';
import { fileMessage } from './span-writer';
import { tableStatistics } from './statistics';
import { type SystemContents, SystemRows } from './system-source';
import { type BackupContents, contentsOf } from './targets';
import { type PlannedTable, partBytesOf, writeParts } from './write-parts';
import { isOfSystem, type WrittenTable, writtenTable } from './written-table';

export interface BackupTaskOptions extends LayerOptions {
  /** That write parts beside this one; they have the same snapshot. */
  readonly threads: PartThreads;
  /** Of an earlier run of the job. */
  readonly checkpoint: Checkpoint | undefined;
  /** @param fraction of the work that is done */
  readonly onProgress: (fraction: number) => void;
  /** Keeps what a later run can go on from. */
  readonly onCheckpoint: (checkpoint: Uint8Array) => void;
}

/** What a BACKUP tells when it has succeeded. */
export interface BackupTotals {
  readonly rows: bigint;
  readonly indexEntries: bigint;
  readonly dataSize: bigint;
}

/**
 * Writes a layer, full or incremental, of a snapshot: data, manifest, statistics, and LATEST at the very end. Called again it takes over
 * what an earlier run has written of rows that are still the same (checkpoint.ts), and writes the rest.
 * @throws the signal's reason; SqlError
 */
export async function runBackupTask(options: BackupTaskOptions): Promise<BackupTotals> {
  const layer = await OpenedLayer.open(options);
  try {
    return await writeLayer(options, layer);
  } finally {
    await layer.close();
  }
}

async function writeLayer(options: BackupTaskOptions, layer: OpenedLayer): Promise<BackupTotals> {
  const { payload, db, endTime } = options;
  const { storages, base, catalog } = layer;
  const { directory, inCollection } = payload;
  const encrypt = encryption(payload);
  const contents = contentsOf(catalog, payload.scope, systemContents(options, base));
  const times = { startTime: base?.startTime ?? 0n, endTime };
  const manifest = await manifestWriter(payload)(options, layer, contents, times);
  const statistics = create(StatsTableSchema, {
    statistics: tableStatistics(db, contents.tables),
  });
  options.signal.throwIfAborted();
  // LATEST names the newest full backup, whatever layers that has.
  const namesLatest = inCollection && base === undefined;
  await storages.writeParts(manifest, directory, encrypt);
  await publish(storages.of(''), manifest, statistics, { directory, namesLatest, encrypt });
  return manifest.entryCounts ?? create(RowCountSchema);
}

/** Once a chain has a table, its later layers have it as well. */
function systemContents(
  { db, payload, endTime }: BackupTaskOptions,
  base: Base | undefined,
): SystemContents {
  if (payload.scope.kind !== 'cluster') return { roleSettings: false };
  const start = payload.revisionHistory === true ? (base?.startTime ?? 0n) : endTime;
  const inChain = base?.chain.last.manifest.descriptors.some(isRoleSettings) === true;
  return { roleSettings: inChain || hadRoleSettings(db, { start, end: endTime }) };
}

function manifestWriter({ revisionHistory, asOf }: BackupPayload): typeof presentManifest {
  if (revisionHistory === true) return historyManifest;
  return asOf === undefined ? presentManifest : asOfManifest;
}

/** Of the snapshot's rows. */
async function presentManifest(
  options: BackupTaskOptions,
  layer: OpenedLayer,
  contents: BackupContents,
  times: LayerTimes,
): Promise<BackupManifest> {
  const { payload, db } = options;
  const { storages } = layer;
  const tables = plannedTables(options, layer, contents.tables);
  const systemRows = systemRowsOf(options, tables);
  const layout = layoutOf(contents, tables);
  const manifestOf = (files: readonly WrittenFile[]): BackupManifest =>
    layerManifest(db, payload, times, { ...layout, files: fileMessages(files) });
  const files = await writeData(options, layer, {
    tables,
    writer: layer.writer(systemRows),
    writeCheckpoint: (written) =>
      writeCheckpoint(storages.of(''), payload.directory, manifestOf(written), encryption(payload)),
  });
  return manifestOf(files);
}

/** With earlier versions. A run after a crash begins anew. */
async function historyManifest(
  options: BackupTaskOptions,
  { catalog, base, files }: OpenedLayer,
  contents: BackupContents,
  times: LayerTimes,
): Promise<BackupManifest> {
  const { payload, db } = options;
  await files.beginAfter([]);
  const written = await writeHistory({ ...options, catalog, contents, base, files });
  return layerManifest(db, payload, times, written);
}

/** Of a time: tables that are still as they were then are written as they are, by all threads. A run after a crash begins anew. */
async function asOfManifest(
  options: BackupTaskOptions,
  layer: OpenedLayer,
  contents: BackupContents,
  times: LayerTimes,
): Promise<BackupManifest> {
  const { payload, db, onProgress } = options;
  const { catalog, base, files } = layer;
  const still = unchangedTables(options, contents);
  const share = still.length / Math.max(1, contents.tables.length);
  const tables = plannedTables(options, layer, still);
  const present = await writeData(
    { ...options, onProgress: (fraction) => onProgress(fraction * share) },
    layer,
    { tables, writer: layer.writer(), writeCheckpoint: async () => undefined },
  );
  const past = await writeAsOf({
    ...options,
    ...{ catalog, contents, base, files },
    elsewhere: new Set(still.map(({ id }) => id)),
    onProgress: (fraction) => onProgress(share + fraction * (1 - share)),
  });
  const spans = tables.flatMap((table) => table.spans);
  return layerManifest(db, payload, times, {
    ...past,
    spans: [...past.spans, ...spans].sort(byStart),
    introduced: [...past.introduced, ...spans.filter((span) => span.introduced)].sort(byStart),
    files: [...past.files, ...fileMessages(present)].sort(byFirstKey),
  });
}

const byFirstKey = (a: BackupManifest_File, b: BackupManifest_File): number =>
  Buffer.compare(a.span?.key ?? new Uint8Array(), b.span?.key ?? new Uint8Array());

/** Tables whose descriptors and rows are those of the layer's time; system tables, sequences and views are none of them. */
function unchangedTables(
  { db, endTime }: BackupTaskOptions,
  { tables }: BackupContents,
): DescriptorHeader[] {
  const isSettled = settledTime(db, CATALOG_TABLE_ID, endTime) === endTime;
  if (!isSettled || !descriptorEpoch(db, endTime).isLatest) return [];
  return tables.filter(({ id, databaseId, descriptor: { union } }) => {
    if (databaseId === SYSTEM_DATABASE_ID || union.case !== 'table') return false;
    const { sequenceOpts, viewQuery, isMaterializedView } = union.value;
    const hasRows = sequenceOpts === undefined && (viewQuery === '' || isMaterializedView);
    return hasRows && isUnchangedSince(db, id, endTime);
  });
}

function plannedTables(
  options: BackupTaskOptions,
  { catalog, base }: OpenedLayer,
  headers: readonly DescriptorHeader[],
): PlannedTable[] {
  // All of them, before the first is written: what can't be written shows at once.
  const tables = headers.flatMap(({ descriptor }): (WrittenTable | TableDescriptor)[] => {
    if (descriptor.union.case !== 'table') return [];
    const table = descriptor.union.value;
    if (table.viewQuery !== '' && !table.isMaterializedView) return [];
    if (table.sequenceOpts !== undefined) return [table];
    return [writtenTable(table, (id) => catalog.enumMetadata(id))];
  });
  return tables.map((table) => {
    const isTable = 'encoding' in table;
    const id = isTable ? table.descriptor.id : table.id;
    const spans = tableSpans(id, isTable ? table.indexIds : [SEQUENCE_INDEX], base);
    const since =
      isTable && base !== undefined && !isOfSystem(table)
        ? changesKnownSince(options.db, table, base.startTime, options.endTime)
        : undefined;
    return { table: isTable ? table : undefined, id, spans, since };
  });
}

function layoutOf(
  contents: BackupContents,
  tables: readonly PlannedTable[],
): Omit<LayerContents, 'files'> {
  const spans = tables.flatMap((table) => table.spans);
  const descriptors = tables.flatMap(({ table, id }) =>
    table === undefined ? [] : ([[id, table.descriptor]] as const),
  );
  const introduced = spans.filter((span) => span.introduced);
  return { contents, spans, introduced, descriptors: new Map(descriptors) };
}

const fileMessages = (files: readonly WrittenFile[]) =>
  [...files].sort((a, b) => byStart(a.span, b.span)).map(fileMessage);

interface DataWork {
  readonly tables: readonly PlannedTable[];
  readonly writer: PartWriter;
  readonly writeCheckpoint: (files: readonly WrittenFile[]) => Promise<void>;
}

async function writeData(
  options: BackupTaskOptions,
  { files }: OpenedLayer,
  { tables, writer, writeCheckpoint: write }: DataWork,
): Promise<WrittenFile[]> {
  const { db, endTime, threads } = options;
  const { kept, rest } = await resumeParts(tables, options);
  const keptFiles = kept.flatMap(({ written }) => written.files);
  await files.beginAfter(keptFiles);
  const partBytes = options.checkpoint?.partBytes ?? partBytesOf(db, threads);
  const { onCheckpoint: record } = options;
  const checkpoint = new CheckpointWriter({ endTime, partBytes, kept, write, record });
  const forms = new Map<number, string>();
  for (const { id, table } of tables) {
    if (table !== undefined) forms.set(id, formOf(table.descriptor));
  }
  const onPart = (part: Part, written: WrittenPart): void => {
    const form = forms.get(part.tableId);
    if (form !== undefined) checkpoint.note({ part, written, form });
  };
  try {
    const parts = await writeParts(tables, { ...options, writer, partBytes, rest, onPart });
    await checkpoint.settle();
    return [...keptFiles, ...parts.flatMap((part) => part.files)];
  } catch (error) {
    await checkpoint.interrupted();
    throw error;
  }
}

/** For a full cluster. */
function systemRowsOf(
  { db, payload, endTime }: BackupTaskOptions,
  tables: readonly PlannedTable[],
): SystemRows | undefined {
  if (payload.scope.kind !== 'cluster') return undefined;
  const builds = tables.flatMap(({ table }) =>
    table === undefined ? [] : (indexBuild(table, { from: endTime, to: undefined }) ?? []),
  );
  return new SystemRows(db, builds);
}

const SEQUENCE_INDEX = 1;

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
