import type { Timestamp } from '../../catalog/descriptor/gen/common_pb';
import type { PrivilegeDescriptor } from '../../catalog/descriptor/gen/privilege_pb';
import { ownerOf, privilegeNames } from '../../catalog/privileges';
import { showCreate } from '../../catalog/show-create';
import { type CatalogSnapshot, type DescriptorHeader, headerOf } from '../../catalog/snapshot';
import { timestampOfMicros } from '../../catalog/types/datetime';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { BOOL, BYTES, INT8, JSONB, STRING, TIMESTAMP } from '../../catalog/types/table';
import { redactUri } from '../../storage/external/uri';
import { backupCatalog } from '../backup-catalog';
import type { BackupChain, BackupLayer } from '../chain';
import { layerUri } from '../chain';
import { prettyKey } from '../format/datum/pretty-key';
import { decodeTablePrefix } from '../format/datum/table-key';
import type { StoredFiles } from './check-files';
import { manifestJson } from './manifest-json';

/** `SHOW BACKUP` in its forms: columns and rows of v21.2. */

export interface BackupRows {
  readonly columns: ReadonlyArray<readonly [name: string, type: SqlType]>;
  readonly rows: readonly (readonly Repr[])[];
}

export interface ShowBackupOptions {
  readonly schemas: boolean;
  readonly privileges: boolean;
  /** Ids of the source cluster beside the names. */
  readonly debugIds: boolean;
  /** `check_files`: what the files of a table take in the storage. */
  readonly fileBytes: boolean;
}

/** Nanoseconds are rounded to microseconds. */
const timestampRepr = (time: Timestamp | undefined): Repr =>
  time === undefined || time.wallTime === 0n
    ? null
    : timestampOfMicros((time.wallTime + 500n) / 1000n);

type Columns = BackupRows['columns'];

const NAME_COLUMNS: Columns = [
  ['database_name', STRING],
  ['parent_schema_name', STRING],
  ['object_name', STRING],
];

const NAME_AND_ID_COLUMNS: Columns = [
  ['database_name', STRING],
  ['database_id', INT8],
  ['parent_schema_name', STRING],
  ['parent_schema_id', INT8],
  ['object_name', STRING],
  ['object_id', INT8],
];

const OBJECT_COLUMNS: Columns = [
  ['object_type', STRING],
  ['backup_type', STRING],
  ['start_time', TIMESTAMP],
  ['end_time', TIMESTAMP],
  ['size_bytes', INT8],
  ['rows', INT8],
  ['is_full_cluster', BOOL],
];

const FILE_BYTES_COLUMN = ['file_bytes', INT8] as const;

/** Columns of `SHOW BACKUP` and `SHOW BACKUP SCHEMAS`. */
export function objectColumns(options: ShowBackupOptions): Columns {
  return [
    ...(options.debugIds ? NAME_AND_ID_COLUMNS : NAME_COLUMNS),
    ...OBJECT_COLUMNS,
    ...(options.fileBytes ? [FILE_BYTES_COLUMN] : []),
    ...(options.schemas ? ([['create_statement', STRING]] as const) : []),
    ...(options.privileges
      ? ([
          ['privileges', STRING],
          ['owner', STRING],
        ] as const)
      : []),
  ];
}

const FILE_COLUMNS: Columns = [
  ['path', STRING],
  ['start_pretty', STRING],
  ['end_pretty', STRING],
  ['start_key', BYTES],
  ['end_key', BYTES],
  ['size_bytes', INT8],
  ['rows', INT8],
];

export const fileColumns = (fileBytes: boolean): Columns =>
  fileBytes ? [...FILE_COLUMNS, FILE_BYTES_COLUMN] : FILE_COLUMNS;

export const RANGE_COLUMNS: Columns = [
  ['start_pretty', STRING],
  ['end_pretty', STRING],
  ['start_key', BYTES],
  ['end_key', BYTES],
];

/**
 * One row a descriptor and layer, in the manifest's order.
 * @param stored sizes of the files, for `options.fileBytes`
 */
export function showBackup(
  chain: BackupChain,
  options: ShowBackupOptions,
  stored?: StoredFiles,
): BackupRows {
  return {
    columns: objectColumns(options),
    rows: chain.layers.flatMap((layer) => layerRows(layer, options, stored)),
  };
}

function layerRows(
  layer: BackupLayer,
  options: ShowBackupOptions,
  stored: StoredFiles | undefined,
): Repr[][] {
  const { manifest } = layer;
  const catalog = backupCatalog(manifest, redactUri(layerUri(layer.location)));
  const sizes = tableSizes(layer, stored);
  const start = timestampRepr(manifest.startTime);
  return manifest.descriptors.flatMap((descriptor) => {
    const entry = headerOf(descriptor);
    if (entry === undefined) return [];
    const size = sizes.get(entry.id) ?? NO_SIZE;
    const isTable = entry.kind === 'table';
    return [
      [
        ...nameColumns(entry, catalog, options.debugIds),
        entry.kind,
        start === null ? 'full' : 'incremental',
        start,
        timestampRepr(manifest.endTime),
        isTable ? size.bytes : null,
        isTable ? size.rows : null,
        manifest.descriptorCoverage === 1 ? 1n : 0n,
        ...(options.fileBytes ? [isTable ? size.stored : null] : []),
        ...(options.schemas ? [createStatement(entry, catalog)] : []),
        ...(options.privileges ? privilegeColumns(entry) : []),
      ],
    ];
  });
}

function nameColumns(entry: DescriptorHeader, catalog: CatalogSnapshot, ids: boolean): Repr[] {
  const inDatabase = entry.kind !== 'database';
  const inSchema = entry.kind === 'table' || entry.kind === 'type';
  const named: ReadonlyArray<readonly [name: Repr, id: number | null]> = [
    inDatabase ? [catalog.databaseName(entry.databaseId), entry.databaseId] : [null, null],
    inSchema ? [catalog.schemaName(entry.schemaId), entry.schemaId] : [null, null],
    [entry.name, entry.id],
  ];
  return named.flatMap(([name, id]) => (ids ? [name, id === null ? null : BigInt(id)] : [name]));
}

interface TableSize {
  bytes: bigint;
  rows: bigint;
  stored: bigint;
}

const NO_SIZE: TableSize = { bytes: 0n, rows: 0n, stored: 0n };

/** Sums over the files whose span starts in the table. */
function tableSizes(
  layer: BackupLayer,
  stored: StoredFiles | undefined,
): Map<number, Readonly<TableSize>> {
  const sizes = new Map<number, TableSize>();
  for (const file of layer.manifest.files) {
    const prefix = decodeTablePrefix(file.span?.key ?? new Uint8Array(0));
    if (prefix === undefined) continue;
    const size = sizes.get(prefix.tableId) ?? { ...NO_SIZE };
    size.bytes += file.entryCounts?.dataSize ?? 0n;
    size.rows += file.entryCounts?.rows ?? 0n;
    size.stored += stored?.bytesOf(layer, file) ?? 0n;
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

/** `SHOW BACKUP FILES`. @param stored sizes of the files, with `check_files` */
export function showBackupFiles(chain: BackupChain, stored?: StoredFiles): BackupRows {
  return {
    columns: fileColumns(stored !== undefined),
    rows: chain.layers.flatMap((layer) =>
      layer.manifest.files.map((file) => {
        const start = file.span?.key ?? new Uint8Array(0);
        const end = file.span?.endKey ?? new Uint8Array(0);
        const { dataSize = 0n, rows = 0n } = file.entryCounts ?? {};
        const row: Repr[] = [file.path, prettyKey(start), prettyKey(end), start, end];
        row.push(dataSize, rows);
        if (stored !== undefined) row.push(stored.bytesOf(layer, file));
        return row;
      }),
    ),
  };
}

export const MANIFEST_COLUMNS: Columns = [['manifest', JSONB]];

/** `WITH as_json`: one row a layer. */
export function showManifests(chain: BackupChain): BackupRows {
  const rows = chain.layers.map(({ manifest }) => [manifestJson(manifest)]);
  return { columns: MANIFEST_COLUMNS, rows };
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
