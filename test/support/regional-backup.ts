import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { compileKeyEncoder } from '../../backup/format/datum/key-encoder';
import {
  encodeTablePrefix,
  prefixEnd,
  writeFamilySuffix,
} from '../../backup/format/datum/table-key';
import { compileValueEncoder, writeValueTag } from '../../backup/format/datum/value-encoder';
import {
  type BackupManifest_FileSchema,
  BackupManifestSchema,
} from '../../backup/format/gen/backup_pb';
import { encodeEngineKey } from '../../backup/format/mvcc/engine-key';
import { encodeValue, ValueTag } from '../../backup/format/mvcc/value';
import { TableWriter } from '../../backup/format/sstable/table-writer';
import { ByteWriter } from '../../base/byte-writer';
import { initCompression } from '../../base/compression';
import { type Descriptor, DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptorSchema } from '../../catalog/descriptor/gen/table_pb';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { BYTES, INT8, STRING } from '../../catalog/types/table';

/**
 * A backup of multi-region databases as v21.2 writes one (format reference 02, 04, 05): there is no real one at hand, since the
 * nodes that the other fixtures are from had no locality. Descriptors are spelled out field by field.
 */

type TableInit = Exclude<MessageInitShape<typeof TableDescriptorSchema>, undefined> & object;

/** Physical values of regions, in the order of their names: an enum of two or three members. */
const MEMBERS: { readonly [count: number]: readonly number[] } = {
  2: [0x40, 0x80],
  3: [0x40, 0x80, 0xc0],
};

export interface RegionalBackup {
  /** Sorted. */
  readonly regions: readonly string[];
  readonly primary: string;
  /** Physical values instead of those of regions that were there from the beginning. */
  readonly physical?: readonly number[];
  readonly survivalGoal?: number;
  /** Of a full cluster. */
  readonly cluster?: boolean;
}

const WALL_NANOS = 1_640_995_200_000_000_000n;
const [DATABASE, ENUM, ARRAY, HOMES, SHARED, WEST, PLAIN] = [60, 61, 62, 63, 64, 65, 66];
const [OTHER_DATABASE, OTHER] = [70, 71];

const privileges = (...more: readonly { user: string; privileges: bigint }[]) => ({
  users: [{ user: 'admin', privileges: 2n }, ...more, { user: 'root', privileges: 2n }],
  owner: 'root',
  version: 1,
});
const ENUM_TYPE = {
  family: 24,
  oid: 100_000 + ENUM,
  udtMetadata: { arrayTypeOid: 100_000 + ARRAY },
} as const;
const INT8_TYPE = { family: 1, width: 64, oid: 20 } as const;
const STRING_TYPE = { family: 7, oid: 25 } as const;

function table(id: number, parentId: number, name: string, more: TableInit): Descriptor {
  const base: TableInit = {
    id,
    parentId,
    name,
    unexposedParentSchemaId: 29,
    version: 1,
    formatVersion: 3,
    nextColumnId: 3,
    nextIndexId: 2,
    nextFamilyId: 1,
    nextMutationId: 1,
    privileges: privileges(),
    columns: [
      { id: 1, name: 'id', type: INT8_TYPE },
      { id: 2, name: 'name', type: STRING_TYPE, nullable: true },
    ],
    families: [
      { name: 'primary', columnIds: [1, 2], columnNames: ['id', 'name'], defaultColumnId: 2 },
    ],
    primaryIndex: {
      id: 1,
      name: 'primary',
      unique: true,
      version: 4,
      encodingType: 1,
      keyColumnIds: [1],
      keyColumnNames: ['id'],
      keyColumnDirections: [0],
      storeColumnIds: [2],
      storeColumnNames: ['name'],
    },
  };
  const value = { ...base, ...more } as TableInit;
  return create(DescriptorSchema, { union: { case: 'table', value } });
}

/** REGIONAL BY ROW, with a unique index. */
function homesTable(partitioning: object): Descriptor {
  return table(HOMES, DATABASE, 'homes', {
    nextColumnId: 4,
    nextIndexId: 4,
    partitionAllBy: true,
    localityConfig: { locality: { case: 'regionalByRow', value: {} } },
    columns: [
      { id: 1, name: 'id', type: INT8_TYPE },
      { id: 2, name: 'name', type: STRING_TYPE, nullable: true },
      {
        id: 3,
        name: 'crdb_region',
        type: ENUM_TYPE,
        hidden: true,
        defaultExpr: `default_to_database_primary_region(gateway_region())::@${100_000 + ENUM}`,
      },
    ],
    families: [
      {
        name: 'primary',
        columnIds: [1, 2, 3],
        columnNames: ['id', 'name', 'crdb_region'],
        defaultColumnId: 2,
      },
    ],
    primaryIndex: {
      id: 2,
      name: 'primary',
      unique: true,
      version: 4,
      encodingType: 1,
      keyColumnIds: [3, 1],
      keyColumnNames: ['crdb_region', 'id'],
      keyColumnDirections: [0, 0],
      storeColumnIds: [2],
      storeColumnNames: ['name'],
      partitioning,
    },
    indexes: [
      {
        id: 3,
        name: 'homes_name_key',
        unique: true,
        version: 3,
        keyColumnIds: [3, 2],
        keyColumnNames: ['crdb_region', 'name'],
        keyColumnDirections: [0, 0],
        keySuffixColumnIds: [1],
        partitioning,
      },
    ],
  });
}

function descriptorsOf(backup: RegionalBackup): Descriptor[] {
  const { regions, primary } = backup;
  const physical = backup.physical ?? MEMBERS[regions.length] ?? [];
  const partitioning = {
    numColumns: 1,
    numImplicitColumns: 1,
    // A tuple of one value: tag 06 (bytes), its length, the bytes (format reference 04 §7).
    list: regions.map((name, i) => ({ name, values: [Uint8Array.of(0x06, 1, physical[i] ?? 0)] })),
  };
  const common = { parentId: DATABASE, parentSchemaId: 29, version: 1 };
  const typePrivileges = privileges({ user: 'public', privileges: 512n });
  return [
    create(DescriptorSchema, {
      union: {
        case: 'database',
        value: {
          id: DATABASE,
          name: 'mr',
          version: 1,
          privileges: privileges(),
          regionConfig: {
            primaryRegion: primary,
            survivalGoal: backup.survivalGoal ?? 0,
            regionEnumId: ENUM,
          },
        },
      },
    }),
    create(DescriptorSchema, {
      union: {
        case: 'type',
        value: {
          ...common,
          id: ENUM,
          name: 'crdb_internal_region',
          kind: 2,
          privileges: typePrivileges,
          arrayTypeId: ARRAY,
          referencingDescriptorIds: [HOMES, WEST],
          regionConfig: { primaryRegion: primary },
          enumMembers: regions.map((logicalRepresentation, i) => ({
            logicalRepresentation,
            physicalRepresentation: Uint8Array.of(physical[i] ?? 0),
          })),
        },
      },
    }),
    create(DescriptorSchema, {
      union: {
        case: 'type',
        value: {
          ...common,
          id: ARRAY,
          name: '_crdb_internal_region',
          kind: 1,
          privileges: typePrivileges,
          alias: { family: 15, oid: 100_000 + ARRAY, arrayContents: ENUM_TYPE },
        },
      },
    }),
    homesTable(partitioning),
    table(SHARED, DATABASE, 'shared', {
      localityConfig: { locality: { case: 'global', value: {} } },
    }),
    table(WEST, DATABASE, 'west', {
      localityConfig: { locality: { case: 'regionalByTable', value: { region: 'us-west1' } } },
    }),
    table(PLAIN, DATABASE, 'plain', {
      localityConfig: { locality: { case: 'regionalByTable', value: {} } },
    }),
    create(DescriptorSchema, {
      union: {
        case: 'database',
        value: { id: OTHER_DATABASE, name: 'single', version: 1, privileges: privileges() },
      },
    }),
    table(OTHER, OTHER_DATABASE, 'other', {}),
  ];
}

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** The one key-value pair of a row. @param key values of the key's columns @param name column 2 */
function rowOf(
  tableId: number,
  indexId: number,
  key: readonly (readonly [SqlType, Repr])[],
  name: string,
): Entry {
  const writer = new ByteWriter(64);
  writer.raw(encodeTablePrefix(tableId, indexId));
  for (const [type, value] of key) compileKeyEncoder(type, false)(writer, value);
  writeFamilySuffix(writer, 0);
  const body = new ByteWriter(64);
  const encoder = compileValueEncoder(STRING);
  writeValueTag(body, 2, encoder.wireType(name));
  encoder.write(body, name);
  const bytes = Uint8Array.from(writer.toBytes());
  return { key: bytes, value: encodeValue(bytes, ValueTag.tuple, Uint8Array.from(body.toBytes())) };
}

/** Rows of `homes`: id, name, number of the region. The same id is never in two regions. */
const HOMES_ROWS: readonly (readonly [bigint, string, number])[] = [
  [2n, 'two', 0],
  [4n, 'four', 0],
  [1n, 'one', 1],
  [3n, 'three', 1],
];

function entriesOf(backup: RegionalBackup): { readonly id: number; readonly rows: Entry[] }[] {
  const physical = backup.physical ?? MEMBERS[backup.regions.length] ?? [];
  const simple = (id: number): { id: number; rows: Entry[] } => ({
    id,
    rows: [1n, 2n].map((key) => rowOf(id, 1, [[INT8, key]], `row ${key}`)),
  });
  const homes = HOMES_ROWS.map(([id, name, region]) => {
    const value = Uint8Array.of(physical[region] ?? 0);
    return rowOf(
      HOMES,
      2,
      [
        [BYTES, value],
        [INT8, id],
      ],
      name,
    );
  });
  return [{ id: HOMES, rows: homes }, simple(SHARED), simple(WEST), simple(PLAIN), simple(OTHER)];
}

type FileInit = Exclude<MessageInitShape<typeof BackupManifest_FileSchema>, undefined>;

/** Writes the backup as one of a collection: `FROM LATEST IN 'nodelocal://1/<name>'`. @param root of nodelocal */
export async function writeRegionalBackup(
  root: string,
  name: string,
  backup: RegionalBackup,
): Promise<void> {
  await initCompression();
  const subdirectory = '2022/01/01-000000.00';
  const directory = join(root, name, subdirectory);
  mkdirSync(join(directory, 'data'), { recursive: true });
  const files: FileInit[] = [];
  for (const { id, rows } of entriesOf(backup)) {
    const writer = new TableWriter({ compress: false });
    for (const { key, value } of rows) writer.add(encodeEngineKey(key, WALL_NANOS - 1n, 0), value);
    const path = `data/${id}.sst`;
    writeFileSync(join(directory, path), Buffer.concat(writer.finish()));
    const start = encodeTablePrefix(id, id === HOMES ? 2 : 1);
    const span = { key: start, endKey: prefixEnd(start) };
    files.push({ path, span, entryCounts: { rows: BigInt(rows.length), dataSize: 100n } });
  }
  const manifest = create(BackupManifestSchema, {
    id: new Uint8Array(16).fill(7),
    endTime: { wallTime: WALL_NANOS },
    formatVersion: 1,
    descriptorCoverage: backup.cluster === true ? 1 : 0,
    completeDbs: [DATABASE, OTHER_DATABASE],
    clusterVersion: { majorVal: 21, minorVal: 2 },
    spans: [...HOMES_SPANS, ...files.flatMap(({ span }) => (span === undefined ? [] : [span]))],
    files,
    descriptors: descriptorsOf(backup),
  });
  const stored = gzipSync(toBinary(BackupManifestSchema, manifest));
  writeFileSync(join(directory, 'BACKUP_MANIFEST'), stored);
  const checksum = createHash('sha256').update(stored).digest().subarray(0, 4);
  writeFileSync(join(directory, 'BACKUP_MANIFEST-CHECKSUM'), checksum);
  mkdirSync(join(root, name, 'metadata'), { recursive: true });
  writeFileSync(join(root, name, 'metadata', 'LATEST'), `/${subdirectory}`);
  writeFileSync(join(root, name, 'LATEST'), `/${subdirectory}`);
}

/** The unique index was backed up, too: it is built again from the rows. */
const HOMES_SPANS = [
  { key: encodeTablePrefix(HOMES, 3), endKey: prefixEnd(encodeTablePrefix(HOMES, 3)) },
];
