import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  compileRowDecoder,
  type RowDecoder,
  type RowLayout,
} from '../../../../backup/format/datum/row-decoder';
import { encodeTablePrefix, prefixEnd } from '../../../../backup/format/datum/table-key';
import { readManifest } from '../../../../backup/format/manifest';
import { readVersions } from '../../../../backup/format/mvcc/read-versions';
import { TableReader } from '../../../../backup/format/sstable/table-reader';
import { SqlError } from '../../../../base/errors';
import { TypeDescriptor_Kind } from '../../../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../../../catalog/descriptor/gen/table_pb';
import { upgradeDescriptors } from '../../../../catalog/descriptor/upgrade';
import { typeFromMessage } from '../../../../catalog/types/from-descriptor';
import type { EnumMetadata, Repr, SqlType } from '../../../../catalog/types/sql-type';
import type { ExternalFile, ExternalStorage } from '../../../../storage/external/external-storage';

/** Reads the tables of a backup on disk with the format's own readers, without storage or catalog. */

function openFile(path: string): ExternalFile {
  const bytes = readFileSync(path);
  return {
    name: path,
    sizeBytes: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    close: async () => undefined,
  };
}

function notNeeded(): never {
  throw new Error('not needed');
}

function directoryStorage(directory: string): ExternalStorage {
  return {
    redactedUrl: directory,
    open: async (path) => openFile(join(directory, path)),
    readAll: async (path) => {
      try {
        return readFileSync(join(directory, path));
      } catch {
        throw new SqlError('undefinedFile', `no file ${path}`);
      }
    },
    list: notNeeded,
    write: notNeeded,
    create: notNeeded,
    delete: notNeeded,
    close: async () => undefined,
  };
}

/** The only layer below a collection: the directory that holds SSTables. */
function findLayer(directory: string): string {
  const names = readdirSync(directory);
  if (names.some((name) => name.startsWith('BACKUP'))) return directory;
  const below = names
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isDirectory());
  return findLayer(below[0] as string);
}

export interface FixtureTable {
  readonly schemaName: string;
  readonly descriptor: TableDescriptor;
  readonly columnNames: readonly string[];
  readonly types: readonly SqlType[];
  readonly layout: RowLayout;
  rows(): Promise<Repr[][]>;
}

export function layoutOf(
  descriptor: TableDescriptor,
  resolveEnum: (id: number) => EnumMetadata | undefined,
): RowLayout {
  const index = descriptor.primaryIndex;
  if (index === undefined) throw new Error('no primary index');
  return {
    tableId: descriptor.id,
    indexId: index.id,
    columns: descriptor.columns
      .filter((column) => !column.virtual)
      .map((column) => ({ id: column.id, type: typeFromMessage(column.type ?? {}, resolveEnum) })),
    keyColumns: index.keyColumnIds.map((columnId, i) => ({
      columnId,
      descending: index.keyColumnDirections[i] === 1,
    })),
    families: descriptor.families.map(({ id, defaultColumnId }) => ({ id, defaultColumnId })),
    interleaveAncestors: (index.interleave?.ancestors ?? []).map((ancestor) => ({
      tableId: ancestor.tableId,
      indexId: ancestor.indexId,
      sharedPrefixLength: ancestor.sharedPrefixLen,
    })),
    file: descriptor.name,
  };
}

export async function readTables(collection: string): Promise<FixtureTable[]> {
  const layer = findLayer(collection);
  const { manifest } = await readManifest(directoryStorage(layer), '');
  upgradeDescriptors(manifest.descriptors, collection);
  const schemas = new Map<number, string>();
  const enums = new Map<number, EnumMetadata>();
  for (const { union } of manifest.descriptors) {
    if (union.case === 'schema') schemas.set(union.value.id, union.value.name);
    if (union.case !== 'type' || union.value.kind === TypeDescriptor_Kind.ALIAS) continue;
    const type = union.value;
    enums.set(type.id, {
      id: type.id,
      arrayOid: 100_000 + type.arrayTypeId,
      databaseName: 'db',
      schemaName: schemas.get(type.parentSchemaId) ?? 'public',
      name: type.name,
      members: type.enumMembers.map((member) => ({
        physical: member.physicalRepresentation,
        label: member.logicalRepresentation,
        readOnly: false,
      })),
    });
  }
  const tables: FixtureTable[] = [];
  for (const { union } of manifest.descriptors) {
    if (union.case !== 'table' || union.value.primaryIndex === undefined) continue;
    const descriptor = union.value;
    if (descriptor.viewQuery !== '' && !descriptor.isMaterializedView) continue;
    if (descriptor.sequenceOpts !== undefined) continue;
    const layout = layoutOf(descriptor, (id) => enums.get(id));
    tables.push({
      schemaName: schemas.get(descriptor.unexposedParentSchemaId) ?? 'public',
      descriptor,
      columnNames: descriptor.columns.filter((c) => !c.virtual).map((column) => column.name),
      types: layout.columns.map((column) => column.type),
      layout,
      rows: async () => {
        const rows: Repr[][] = [];
        const decoder = compileRowDecoder(layout, (row) => rows.push([...row]));
        const paths = new Set(manifest.files.map((file) => file.path));
        await feed(
          decoder,
          layout,
          [...paths].map((path) => join(layer, path)),
        );
        return rows;
      },
    });
  }
  return tables;
}

async function feed(decoder: RowDecoder, layout: RowLayout, paths: string[]): Promise<void> {
  const root = layout.interleaveAncestors?.[0] ?? layout;
  const start = encodeTablePrefix(root.tableId, root.indexId);
  const tables = await Promise.all(paths.map((path) => TableReader.open(openFile(path))));
  const spans = tables.map((table) => ({ table, start, end: prefixEnd(start) }));
  for await (const versions of readVersions(spans, undefined))
    while (versions.next())
      decoder.add(
        versions.keyBuffer,
        versions.keyLength,
        versions.tag,
        versions.valueBytes,
        versions.dataStart,
        versions.dataEnd,
      );
  decoder.finish();
}

/** The newest pairs of an index, hex of the key to hex of the value's tag and data. */
export async function readPairs(
  collection: string,
  tableId: number,
  indexId: number,
): Promise<Map<string, string>> {
  return await readLayerPairs([findLayer(collection)], tableId, indexId);
}

/** The same of a chain. @param layers directories, the full backup first @param asOf in nanoseconds, else those of its end */
export async function readLayerPairs(
  layers: readonly string[],
  tableId: number,
  indexId: number,
  asOf?: bigint,
): Promise<Map<string, string>> {
  const start = encodeTablePrefix(tableId, indexId);
  const paths: string[] = [];
  for (const layer of layers) {
    const { manifest } = await readManifest(directoryStorage(layer), '');
    paths.push(...new Set(manifest.files.map((file) => join(layer, file.path))));
  }
  const tables = await Promise.all(paths.map((path) => TableReader.open(openFile(path))));
  const pairs = new Map<string, string>();
  const spans = tables.map((table) => ({ table, start, end: prefixEnd(start) }));
  const time = asOf === undefined ? undefined : { wallTime: asOf, logical: 0 };
  for await (const versions of readVersions(spans, time))
    while (versions.next()) {
      const key = Buffer.from(versions.key).toString('hex');
      const tag = versions.tag.toString(16).padStart(2, '0');
      pairs.set(key, `${tag}${Buffer.from(versions.data).toString('hex')}`);
    }
  return pairs;
}
