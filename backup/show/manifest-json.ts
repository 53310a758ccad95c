import { type DescField, type DescMessage, isFieldSet, type Message } from '@bufbuild/protobuf';

import { parseJson } from '../../catalog/types/json';
import { uuidText } from '../../catalog/types/uuid';
import { type BackupManifest, BackupManifestSchema } from '../format/gen/backup_pb';

/**
 * `SHOW BACKUP … WITH as_json`: a manifest as CockroachDB's protobuf JSON. Names in lowerCamelCase, 64-bit integers as strings,
 * bytes in base64, enums by name, UUIDs as text. What the manifest's own messages leave out because it is zero is shown as zero;
 * what a descriptor leaves out is left out. So are messages that this program does not read, among them `dir`, which may hold
 * credentials.
 * @returns the text of a JSONB value
 */
export function manifestJson(manifest: BackupManifest): string {
  return parseJson(JSON.stringify(messageJson(BackupManifestSchema, manifest)));
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Fields = Readonly<Record<string, unknown>>;

const fullName = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

/** Where CockroachDB names a field otherwise than this program. Source: format reference, schema.json. */
const NAMES: Readonly<Record<string, string>> = {
  'ootheca.backup.BackupManifest.deprecated_tenants': 'tenantsDeprecated',
  'ootheca.backup.BackupManifest.DescriptorRevision.id': 'ID',
  'ootheca.descriptor.PrivilegeDescriptor.owner': 'ownerProto',
  'ootheca.descriptor.UserPrivileges.user': 'userProto',
  'ootheca.descriptor.DefaultPrivilegesForRole.ExplicitRole.user': 'userProto',
};

const UUIDS: ReadonlySet<string> = new Set([
  'ootheca.backup.BackupManifest.cluster_id',
  'ootheca.backup.BackupManifest.id',
]);

const NO_UUID = new Uint8Array(16);

const DURATIONS = ['UNSET', 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'];

/** Names of numbers that are plain integers, or otherwise spelled, in this program's messages. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  'ootheca.backup.BackupManifest.mvcc_filter': ['Latest', 'All'],
  'ootheca.backup.TenantInfo.state': ['ACTIVE', 'ADD', 'DROP'],
  'ootheca.descriptor.ColumnDescriptor.system_column_kind': ['NONE', 'MVCCTIMESTAMP', 'TABLEOID'],
  'ootheca.descriptor.DatabaseDescriptor.RegionConfig.survival_goal': [
    'ZONE_FAILURE',
    'REGION_FAILURE',
  ],
  'ootheca.descriptor.IntervalDurationField.duration_type': DURATIONS,
  'ootheca.descriptor.IntervalDurationField.from_duration_type': DURATIONS,
  'ootheca.descriptor.TableDescriptor.audit_mode': ['DISABLED', 'READWRITE'],
};

const SHAPES = [
  'Unset',
  'Point',
  'LineString',
  'Polygon',
  'MultiPoint',
  'MultiLineString',
  'MultiPolygon',
  'Geometry',
  'GeometryCollection',
];
const SHAPE_Z = 1 << 30;
const SHAPE_M = 1 << 29;

/** `PointZM`: the high bits tell of further coordinates. */
function shapeName(shape: number): string | undefined {
  const name = SHAPES[shape & ~(SHAPE_Z | SHAPE_M)];
  if (name === undefined) return undefined;
  return `${name}${shape & SHAPE_Z ? 'Z' : ''}${shape & SHAPE_M ? 'M' : ''}`;
}

/** Messages whose zeros are not written: all of the manifest's own, and the small ones that it shares with descriptors. */
const SHARED: ReadonlySet<string> = new Set([
  'ootheca.descriptor.Timestamp',
  'ootheca.descriptor.Span',
  'ootheca.descriptor.Version',
]);
const leavesOutZeros = ({ typeName }: DescMessage): boolean =>
  typeName.startsWith('ootheca.backup.') || SHARED.has(typeName);

/** Not in v21.2: shown where a backup has them. */
const OTHER_VERSIONS: ReadonlySet<string> = new Set([
  'ootheca.backup.BackupManifest.legacy_data_size',
  'ootheca.backup.BackupManifest.has_external_manifest_ssts',
  'ootheca.backup.BackupManifest.elided_prefix',
  'ootheca.backup.BackupManifest.is_compacted',
  'ootheca.backup.BackupManifest.File.backing_file_size',
  'ootheca.backup.BackupManifest.File.approximate_physical_size',
  'ootheca.backup.BackupManifest.File.has_range_keys',
  'ootheca.backup.RowCount.system_records',
]);

const OPAQUE = 'ootheca.descriptor.Opaque';
/** Entries of what is a map in CockroachDB's messages. */
const MAP_ENTRIES: ReadonlySet<string> = new Set([
  'ootheca.descriptor.DatabaseDescriptor.SchemaEntry',
  'ootheca.descriptor.DefaultPrivilegesForRole.ObjectEntry',
]);

function messageJson(schema: DescMessage, message: Message): Json {
  const shown: Record<string, Json> = Object.create(null);
  for (const field of schema.fields) {
    if (field.message?.typeName === OPAQUE) continue;
    if (!isFieldSet(message, field) && !isShownUnset(field)) continue;
    shown[NAMES[fullName(field)] ?? field.jsonName] = fieldJson(field, fieldValue(message, field));
  }
  return shown;
}

function isShownUnset(field: DescField): boolean {
  if (field.oneof !== undefined || field.fieldKind === 'message') return false;
  if (field.fieldKind === 'list') return true;
  return leavesOutZeros(field.parent) && !OTHER_VERSIONS.has(fullName(field));
}

function fieldValue(message: Message, field: DescField): unknown {
  const fields = message as unknown as Fields;
  if (field.oneof === undefined) return fields[field.localName];
  return (fields[field.oneof.localName] as { readonly value?: unknown }).value;
}

function fieldJson(field: DescField, value: unknown): Json {
  switch (field.fieldKind) {
    case 'message':
      return messageJson(field.message, value as Message);
    case 'list':
      return listJson(field, value as readonly unknown[]);
    case 'map': {
      const entries = Object.entries(value as Fields);
      return Object.fromEntries(entries.map(([key, item]) => [key, valueJson(field, item)]));
    }
    case 'enum':
    case 'scalar':
      return valueJson(field, value);
  }
}

function listJson(field: DescField & { fieldKind: 'list' }, items: readonly unknown[]): Json {
  const { message } = field;
  if (message === undefined) return items.map((item) => valueJson(field, item));
  if (!MAP_ENTRIES.has(message.typeName)) {
    return items.map((item) => messageJson(message, item as Message));
  }
  const byName: Record<string, Json> = Object.create(null);
  for (const item of items as readonly {
    readonly key: string | number;
    readonly value?: Message;
  }[]) {
    const info = message.fields.find((each) => each.name === 'value')?.message;
    if (info === undefined || item.value === undefined) continue;
    byName[item.key] = messageJson(info, item.value);
  }
  return byName;
}

function valueJson(field: DescField, value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) {
    return UUIDS.has(fullName(field))
      ? uuidText(value.length === 16 ? value : NO_UUID)
      : Buffer.from(value).toString('base64');
  }
  if (typeof value !== 'number') return value as boolean | string;
  return numberName(field, value) ?? (Number.isFinite(value) ? value : String(value));
}

function numberName(field: DescField, value: number): string | undefined {
  if (field.name === 'shape_type') return shapeName(value);
  return ENUMS[fullName(field)]?.[value] ?? field.enum?.value[value]?.name;
}
