import { create } from '@bufbuild/protobuf';
import { notSupported } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { ExternalStorage } from '../../storage/external/external-storage';
import type { Connection } from '../../storage/ranges/connection';
import { uniqueId } from '../../storage/ranges/unique-id';
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
import type { PartThreads } from './backup-thread-messages';
import { encryption } from './data-files';
import { deleteCheckpoint } from './destination';
import { indexBuild } from './index-builds';
import { type LayerContents, layerManifest } from './layer-manifest';
import { type LayerOptions, OpenedLayer } from './opened-layer';
import { byStart, tableSpans } from './part-planner';
import { fileMessage } from './span-writer';
import { tableStatistics } from './statistics';
import { SystemRows } from './system-source';
import { type BackupContents, contentsOf } from './targets';
import { writeParts } from './write-parts';
import { type WrittenTable, writtenTable } from './written-table';

export interface BackupTaskOptions extends LayerOptions {
  /** That write parts beside this one; they have the same snapshot. */
  readonly threads: PartThreads;
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
  const contents = contentsOf(catalog, payload.scope);
  await layer.files.deleteOld();
  const written = await writeData(options, layer, contents);
  const times = { startTime: base?.startTime ?? 0n, endTime };
  const manifest = layerManifest(db, payload, times, written);
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

async function writeData(
  options: BackupTaskOptions,
  layer: OpenedLayer,
  contents: BackupContents,
): Promise<LayerContents> {
  const { catalog, base } = layer;
  // All of them, before the first is written: what can't be written shows at once.
  const tables = contents.tables.flatMap(({ descriptor }): (WrittenTable | TableDescriptor)[] => {
    if (descriptor.union.case !== 'table') return [];
    const table = descriptor.union.value;
    if (table.viewQuery !== '' && !table.isMaterializedView) return [];
    if (table.sequenceOpts !== undefined) return [table];
    return [writtenTable(table, (id) => catalog.enumMetadata(id))];
  });
  const writer = layer.writer(systemRowsOf(options, tables));
  const planned = tables.map((table) => {
    const isTable = 'encoding' in table;
    const id = isTable ? table.descriptor.id : table.id;
    const spans = tableSpans(id, isTable ? table.indexIds : [SEQUENCE_INDEX], base);
    return { table: isTable ? table : undefined, id, spans };
  });
  const parts = await writeParts(planned, { ...options, writer });
  const spans = planned.flatMap((table) => table.spans);
  const descriptors = planned.flatMap(({ table, id }) =>
    table === undefined ? [] : ([[id, table.descriptor]] as const),
  );
  return {
    contents,
    spans,
    introduced: spans.filter(({ introduced }) => introduced),
    descriptors: new Map(descriptors),
    files: parts
      .flatMap((part) => part.files)
      .sort((a, b) => byStart(a.span, b.span))
      .map(fileMessage),
  };
}

/** For a full cluster. */
function systemRowsOf(
  { db, payload, endTime }: BackupTaskOptions,
  tables: readonly (WrittenTable | TableDescriptor)[],
): SystemRows | undefined {
  if (payload.scope.kind !== 'cluster') return undefined;
  refuseUnkept(db);
  const nowMicros = endTime / 1000n;
  const builds = tables.flatMap((table) =>
    'encoding' in table ? (indexBuild(table, uniqueId(NODE_ID), nowMicros) ?? []) : [],
  );
  return new SystemRows(db, builds);
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
