import { create } from '@bufbuild/protobuf';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { type BackupManifest, RowCountSchema, StatsTableSchema } from '../format/gen/backup_pb';
import { writeStatistics } from '../format/manifest-writer';
import { changesKnownSince, sequenceKnownSince } from './history/known-changes';
import { pastDescriptors, planPast } from './history/past-plan';
import type { PastTables } from './history/past-tables';
import { encryption } from './layer/data-files';
import { writeCheckpoint } from './layer/destination';
import { type LayerContents, layerManifest } from './layer/layer-manifest';
import { publish } from './layer/publication';
import { fileMessage } from './layer/span-writer';
import { tableStatistics } from './layer/statistics';
import { type Checkpoint, formOf } from './parts/checkpoint';
import { CheckpointWriter } from './parts/checkpoint-writer';
import { type Part, SEQUENCE_INDEX, type WrittenFile, type WrittenPart } from './parts/part';
import { byStart, tableSpans } from './parts/part-planner';
import type { PartWriter } from './parts/part-writer';
import { resumeParts } from './parts/resume-parts';
import { type PlannedTable, partBytesOf, writeParts } from './parts/write-parts';
import { isOfSystem, type WrittenTable, writtenTable } from './rows/written-table';
import { indexBuild } from './targets/index-builds';
import { SystemRows } from './targets/system-source';
import type { BackupContents } from './targets/targets';
import type { PartThreads } from './threads/backup-thread-messages';
import { type LayerOptions, OpenedLayer } from './threads/opened-layer';

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
  const { storages, base, contents } = layer;
  const { directory } = payload;
  const encrypt = encryption(payload);
  const { tables, systemRows, layout } = layer.past
    ? pastPlan(options, layer, layer.past)
    : presentPlan(options, layer);
  const times = { startTime: base?.startTime ?? 0n, endTime };
  const statistics = create(StatsTableSchema, {
    statistics: tableStatistics(db, contents.tables),
  });
  // Beside the data: a storage takes its time over each file.
  const described = writeStatistics(storages.of(''), directory, statistics, encrypt);
  const manifestOf = (written: readonly WrittenFile[]): BackupManifest =>
    layerManifest(db, payload, times, { ...layout, files: fileMessages(written) });
  const files = await writeData(options, layer, {
    tables,
    writer: layer.writer(systemRows),
    writeCheckpoint: (written) =>
      writeCheckpoint(storages.of(''), directory, manifestOf(written), encrypt),
  }).finally(
    // What is under way when an error comes is not cleaned up.
    () => described.catch(() => undefined),
  );
  const manifest = manifestOf(files);
  options.signal.throwIfAborted();
  await described;
  await storages.writeParts(manifest, directory, encrypt);
  await publish(storages.of(''), payload, manifest, encrypt);
  return manifest.entryCounts ?? create(RowCountSchema);
}

/** What a layer holds, and how it is written. */
interface LayerPlan {
  readonly tables: readonly PlannedTable[];
  readonly systemRows: SystemRows | undefined;
  readonly layout: Omit<LayerContents, 'files'>;
}

/** Of the snapshot's rows. */
function presentPlan(options: BackupTaskOptions, layer: OpenedLayer): LayerPlan {
  const { contents } = layer;
  const tables = plannedTables(options, layer, contents.tables);
  const written = tables.flatMap(({ table, id }) =>
    table === undefined ? [] : ([[id, table.descriptor]] as const),
  );
  const layout = layoutOf(contents, tables, new Map(written));
  return { tables, systemRows: systemRowsOf(options, contents, tables), layout };
}

/** With earlier versions, or of an earlier time. */
function pastPlan(options: BackupTaskOptions, layer: OpenedLayer, past: PastTables): LayerPlan {
  const { db, endTime, payload } = options;
  const { contents, base } = layer;
  const hasSystemRows = contents.system.length > 0;
  const tables = planPast({ db, past, base, endTime, payload });
  // A layer onto others has no versions from before its start.
  const complete = base === undefined ? past.complete : base.startTime;
  const changes = past.descriptorChanges();
  const history =
    complete === undefined || changes === undefined
      ? undefined
      : { revisionStartTime: complete, changes };
  return {
    tables,
    systemRows: hasSystemRows ? new SystemRows(db, past.builds) : undefined,
    layout: { ...layoutOf(contents, tables, pastDescriptors(past)), ...(history && { history }) },
  };
}

function layoutOf(
  contents: BackupContents,
  tables: readonly PlannedTable[],
  descriptors: LayerContents['descriptors'],
): Omit<LayerContents, 'files'> {
  const spans = tables.flatMap((table) => table.spans);
  const introduced = spans.filter((span) => span.introduced);
  return { contents, spans, introduced, descriptors };
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
  const { db, endTime } = options;
  const sinceOf = (table: WrittenTable | TableDescriptor): bigint | undefined => {
    if (base === undefined) return undefined;
    if (!('encoding' in table)) return sequenceKnownSince(db, table.id, base.startTime, endTime);
    return isOfSystem(table) ? undefined : changesKnownSince(db, table, base.startTime, endTime);
  };
  return tables.map((table) => {
    const isTable = 'encoding' in table;
    const id = isTable ? table.descriptor.id : table.id;
    const spans = tableSpans(id, isTable ? table.indexIds : [SEQUENCE_INDEX], base);
    return { table: isTable ? table : undefined, id, spans, since: sinceOf(table) };
  });
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
    // What is written of an interleaved table depends on others, too: a later run writes it again.
    if (table !== undefined && table.rootId === undefined) forms.set(id, formOf(table.descriptor));
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

function systemRowsOf(
  { db, endTime }: BackupTaskOptions,
  { system }: BackupContents,
  tables: readonly PlannedTable[],
): SystemRows | undefined {
  if (system.length === 0) return undefined;
  const builds = tables.flatMap(({ table }) =>
    table === undefined ? [] : (indexBuild(table, { from: endTime, to: undefined }) ?? []),
  );
  return new SystemRows(db, builds);
}
