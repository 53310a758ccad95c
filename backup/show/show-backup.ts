import type { Timestamp } from '../../catalog/descriptor/gen/common_pb';
import type { PrivilegeDescriptor } from '../../catalog/descriptor/gen/privilege_pb';
import { ownerOf, privilegeNames } from '../../catalog/privileges';
import { showCreate } from '../../catalog/show-create';
import { type CatalogSnapshot, type DescriptorHeader, headerOf } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { BOOL, BYTES, INT8, STRING, TIMESTAMP } from '../../catalog/types/table';
import { redactUri } from '../../storage/external/uri';
import { backupCatalog } from '../backup-catalog';
import type { BackupChain, BackupLayer } from '../chain';
import { layerUri } from '../chain';
import { prettyKey } from '../format/datum/pretty-key';
import { decodeTablePrefix } from '../format/datum/table-key';

/** `SHOW BACKUP` in its forms: columns and rows of v21.2. */

export interface BackupRows {
  readonly columns: ReadonlyArray<readonly [name: string, type: SqlType]>;
  readonly rows: readonly (readonly Repr[])[];
}

export interface ShowBackupOptions {
  readonly schemas: boolean;
  readonly privileges: boolean;
}

/** Nanoseconds are rounded to microseconds. */
const timestampRepr = (time: Timestamp | undefined): Repr =>
  time === undefined || time.wallTime === 0n
    ? null
    : timestampOfMicros((time.wallTime + 500n) / 1000n);

type Columns = BackupRows['columns'];

const OBJECT_COLUMNS: Columns = [
  ['database_name', STRING],
  ['parent_schema_name', STRING],
  ['object_name', STRING],
  ['object_type', STRING],
  ['backup_type', STRING],
  ['start_time', TIMESTAMP],
  ['end_time', TIMESTAMP],
  ['size_bytes', INT8],
  ['rows', INT8],
  ['is_full_cluster', BOOL],
];

/** Columns of `SHOW BACKUP` and `SHOW BACKUP SCHEMAS`. */
export function objectColumns(options: ShowBackupOptions): Columns {
  return [
    ...OBJECT_COLUMNS,
    ...(options.schemas ? ([['create_statement', STRING]] as const) : []),
    ...(options.privileges
      ? ([
          ['privileges', STRING],
          ['owner', STRING],
        ] as const)
      : []),
  ];
}

export const FILE_COLUMNS: Columns = [
  ['path', STRING],
  ['start_pretty', STRING],
  ['end_pretty', STRING],
  ['start_key', BYTES],
  ['end_key', BYTES],
  ['size_bytes', INT8],
  ['rows', INT8],
];

export const RANGE_COLUMNS: Columns = [
  ['start_pretty', STRING],
  ['end_pretty', STRING],
  ['start_key', BYTES],
  ['end_key', BYTES],
];

/** One row a descriptor and layer, in the manifest's order. */
export function showBackup(chain: BackupChain, options: ShowBackupOptions): BackupRows {
  return {
    columns: objectColumns(options),
    rows: chain.layers.flatMap((layer) => layerRows(layer, options)),
  };
}

function layerRows(layer: BackupLayer, options: ShowBackupOptions): Repr[][] {
  const { manifest } = layer;
  const catalog = backupCatalog(manifest, redactUri(layerUri(layer.location)));
  const sizes = tableSizes(layer);
  const start = timestampRepr(manifest.startTime);
  return manifest.descriptors.flatMap((descriptor) => {
    const entry = headerOf(descriptor);
    if (entry === undefined) return [];
    const size = sizes.get(entry.id) ?? { bytes: 0n, rows: 0n };
    const isTable = entry.kind === 'table';
    return [
      [
        entry.kind === 'database' ? null : catalog.databaseName(entry.databaseId),
        isTable || entry.kind === 'type' ? catalog.schemaName(entry.schemaId) : null,
        entry.name,
        entry.kind,
        start === null ? 'full' : 'incremental',
        start,
        timestampRepr(manifest.endTime),
        isTable ? size.bytes : null,
        isTable ? size.rows : null,
        manifest.descriptorCoverage === 1 ? 1n : 0n,
        ...(options.schemas ? [createStatement(entry, catalog)] : []),
        ...(options.privileges ? privilegeColumns(entry) : []),
      ],
    ];
  });
}

/** Sums over the files whose span starts in the table. */
function tableSizes({ manifest }: BackupLayer): Map<number, { bytes: bigint; rows: bigint }> {
  const sizes = new Map<number, { bytes: bigint; rows: bigint }>();
  for (const file of manifest.files) {
    const prefix = decodeTablePrefix(file.span?.key ?? new Uint8Array(0));
    if (prefix === undefined) continue;
    const size = sizes.get(prefix.tableId) ?? { bytes: 0n, rows: 0n };
    size.bytes += file.entryCounts?.dataSize ?? 0n;
    size.rows += file.entryCounts?.rows ?? 0n;
    sizes.set(prefix.tableId, size);
  }
  return sizes;
}

function createStatement(entry: DescriptorHeader, catalog: CatalogSnapshot): string | null {
  const { union } = entry.descriptor;
  return union.case === 'table' ? showCreate(union.value, catalog) : null;
}

function privilegeColumns(entry: DescriptorHeader): Repr[] {
  const { union } = entry.descriptor;
  const privileges: PrivilegeDescriptor | undefined =
    union.case === undefined || union.case === 'function' ? undefined : union.value.privileges;
  const grants = (privileges?.users ?? [])
    .map((user) => ({ user: user.user, names: privilegeNames(user.privileges) }))
    .map(({ user, names }) => `GRANT ${names.join(', ')} ON ${entry.name} TO ${user}; `);
  return [grants.join(''), ownerOf(privileges)];
}

/** `SHOW BACKUP FILES` */
export function showBackupFiles(chain: BackupChain): BackupRows {
  return {
    columns: FILE_COLUMNS,
    rows: chain.layers.flatMap(({ manifest }) =>
      manifest.files.map((file) => {
        const start = file.span?.key ?? new Uint8Array(0);
        const end = file.span?.endKey ?? new Uint8Array(0);
        const { dataSize = 0n, rows = 0n } = file.entryCounts ?? {};
        return [file.path, prettyKey(start), prettyKey(end), start, end, dataSize, rows];
      }),
    ),
  };
}

/** `SHOW BACKUP RANGES` */
export function showBackupRanges(chain: BackupChain): BackupRows {
  return {
    columns: RANGE_COLUMNS,
    rows: chain.layers.flatMap(({ manifest }) =>
      manifest.spans.map(({ key, endKey }) => [prettyKey(key), prettyKey(endKey), key, endKey]),
    ),
  };
}
