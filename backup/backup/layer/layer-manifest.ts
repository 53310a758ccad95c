import { create } from '@bufbuild/protobuf';
import { storedForm } from '../../../catalog/descriptor/downgrade';
import { TimestampSchema } from '../../../catalog/descriptor/gen/common_pb';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { Connection } from '../../../storage/ranges/connection';
import { readStoreInfo } from '../../../storage/ranges/store-info';
import {
  type BackupManifest,
  type BackupManifest_DescriptorRevision,
  type BackupManifest_File,
  BackupManifest_MvccFilter,
  BackupManifestSchema,
  type RowCount,
  RowCountSchema,
} from '../../format/gen/backup_pb';
import { FILE } from '../../format/layout';
import type { KeySpan } from '../../restore/coverage';
import { nameTypesOfView, typeNames } from '../../view-types';
import type { BackupPayload } from '../payload';
import { keepReferences } from '../targets/kept-references';
import type { BackupContents } from '../targets/targets';
import { partName } from './localities';
import { spanMessage } from './span-writer';

/** The manifest of a layer. */

/** CockroachDB refuses backups of a version later than its own; nothing that is written here needs a later one. */
const CLUSTER_VERSION = { majorVal: 21, minorVal: 1 } as const;

const NODE_ID = 1;

const timestamp = (wallTime: bigint) =>
  create(TimestampSchema, wallTime === 0n ? {} : { wallTime });

/** What a layer holds. */
export interface LayerContents {
  readonly contents: BackupContents;
  /** Of tables that are written otherwise than the catalog has them. */
  readonly descriptors: ReadonlyMap<number, TableDescriptor>;
  readonly spans: readonly KeySpan[];
  /** Of them, those that the layers before do not cover. */
  readonly introduced: readonly KeySpan[];
  readonly files: readonly BackupManifest_File[];
  /** Of a layer with all versions; undefined: it has the newest ones. */
  readonly history?: LayerHistory;
}

export interface LayerHistory {
  /** All versions after it are there. */
  readonly revisionStartTime: bigint;
  readonly changes: readonly BackupManifest_DescriptorRevision[];
}

export interface LayerTimes {
  /** 0: a full backup. */
  readonly startTime: bigint;
  readonly endTime: bigint;
}

export function layerManifest(
  db: Connection,
  payload: BackupPayload,
  { startTime, endTime }: LayerTimes,
  layer: LayerContents,
): BackupManifest {
  const { contents, files } = layer;
  return create(BackupManifestSchema, {
    startTime: timestamp(startTime),
    endTime: timestamp(endTime),
    spans: layer.spans.map(spanMessage),
    introducedSpans: layer.introduced.map(spanMessage),
    files: [...files],
    descriptors: storedDescriptors(layer),
    dir: {},
    formatVersion: 1,
    clusterId: Buffer.from(readStoreInfo(db).clusterId.replaceAll('-', ''), 'hex'),
    nodeId: NODE_ID,
    buildInfo: { tag: 'ootheca' },
    entryCounts: totalCounts(files),
    completeDbs: [...contents.completeDbs],
    revisionStartTime: timestamp(layer.history?.revisionStartTime ?? 0n),
    mvccFilter:
      layer.history === undefined
        ? BackupManifest_MvccFilter.LATEST
        : BackupManifest_MvccFilter.ALL,
    descriptorChanges: [...(layer.history?.changes ?? [])],
    id: Buffer.from(payload.backupId, 'hex'),
    descriptorCoverage: payload.scope.kind === 'cluster' ? 1 : 0,
    localityKvs: (payload.partitions ?? []).map(({ locality }) => locality),
    partitionDescriptorFilenames: (payload.partitions ?? []).map(({ locality }, i) =>
      partName(i + 1, locality),
    ),
    statisticsFilenames: Object.fromEntries(contents.tables.map(({ id }) => [id, FILE.statistics])),
    clusterVersion: CLUSTER_VERSION,
  });
}

function storedDescriptors({ contents, descriptors }: LayerContents): Descriptor[] {
  const names = typeNames(contents.descriptors);
  const ids = new Set(contents.descriptors.map(({ id }) => id));
  return contents.descriptors.map(({ id, descriptor }) => {
    const table = descriptors.get(id);
    const stored = storedForm(table === undefined ? descriptor : tableMessage(table));
    nameTypesOfView(stored, names);
    keepReferences(stored, ids);
    return stored;
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
