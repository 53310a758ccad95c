import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { clone, create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';

import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { CorruptionError } from '../../../base/errors';
import { decodeMessage } from '../../../catalog/descriptor/decode';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import {
  ForeignKeyAction,
  type IndexDescriptor,
  IndexDescriptor_Direction,
  IndexDescriptorSchema,
} from '../../../catalog/descriptor/gen/index_pb';
import {
  DescriptorState,
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../../catalog/descriptor/gen/table_pb';
import { ColumnTypeSchema, Family } from '../../../catalog/descriptor/gen/type_pb';
import { upgradeDescriptors } from '../../../catalog/descriptor/upgrade';
import { upgradeType } from '../../../catalog/descriptor/upgrade-type';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

type TypeInit = MessageInitShape<typeof ColumnTypeSchema>;

const F = Family;
const INT2VECTOR = { family: F.LegacyInt2VectorFamily } as const;

describe('types', () => {
  test.each<[string, TypeInit, TypeInit]>([
    ['INT of 1.0', { family: F.IntFamily }, { family: F.IntFamily, width: 64, oid: 20 }],
    [
      'SMALLINT',
      { family: F.IntFamily, visibleType: 2 },
      { family: F.IntFamily, width: 16, oid: 21 },
    ],
    ['INT4', { family: F.IntFamily, width: 32 }, { family: F.IntFamily, width: 32, oid: 23 }],
    [
      'BIT(3) as INT',
      { family: F.IntFamily, width: 3 },
      { family: F.IntFamily, width: 64, oid: 20 },
    ],
    [
      'REAL',
      { family: F.FloatFamily, visibleType: 5 },
      { family: F.FloatFamily, width: 32, oid: 700 },
    ],
    [
      'FLOAT(24)',
      { family: F.FloatFamily, precision: 24 },
      { family: F.FloatFamily, width: 32, oid: 700, precision: 0 },
    ],
    [
      'FLOAT(25)',
      { family: F.FloatFamily, precision: 25 },
      { family: F.FloatFamily, width: 64, oid: 701, precision: 0 },
    ],
    [
      'VARCHAR(5)',
      { family: F.StringFamily, width: 5, visibleType: 7 },
      { family: F.StringFamily, width: 5, oid: 1043 },
    ],
    ['"char"', { family: F.StringFamily, visibleType: 9 }, { family: F.StringFamily, oid: 18 }],
    ['a stored OID', { family: F.StringFamily, oid: 19 }, { family: F.StringFamily, oid: 19 }],
    ['NAME', { family: F.LegacyNameFamily }, { family: F.StringFamily, oid: 19 }],
    ['BIT', { family: F.BitFamily, width: 3 }, { family: F.BitFamily, width: 3, oid: 1560 }],
    ['VARBIT', { family: F.BitFamily, visibleType: 10 }, { family: F.BitFamily, oid: 1562 }],
    [
      'TIMESTAMP',
      { family: F.TimestampFamily, precision: -1 },
      { family: F.TimestampFamily, oid: 1114 },
    ],
    [
      'TIME(3)',
      { family: F.TimeFamily, precision: 3 },
      { family: F.TimeFamily, oid: 1083, precision: 3, timePrecisionIsSet: true },
    ],
    [
      'INTERVAL',
      { family: F.IntervalFamily },
      { family: F.IntervalFamily, oid: 1186, intervalDurationField: {} },
    ],
    [
      'VARCHAR(5)[] of 2.1',
      {
        family: F.ArrayFamily,
        arrayElemType: F.StringFamily,
        width: 5,
        visibleType: 7,
        arrayDimensions: [-1],
      },
      {
        family: F.ArrayFamily,
        oid: 1015,
        arrayContents: { family: F.StringFamily, width: 5, oid: 1043 },
      },
    ],
    [
      'INT2VECTOR',
      INT2VECTOR,
      {
        family: F.ArrayFamily,
        oid: 22,
        arrayContents: { family: F.IntFamily, width: 16, oid: 21 },
      },
    ],
  ])('%s', (_, stored, expected) => {
    const type = create(ColumnTypeSchema, stored);
    upgradeType(type, 'f');
    const wanted = create(ColumnTypeSchema, expected);
    expect(plain(type)).toEqual(plain(wanted));
    upgradeType(type, 'f');
    expect(plain(type)).toEqual(plain(wanted));
  });

  test('an array of nothing is corruption', () => {
    const array = create(ColumnTypeSchema, { family: F.ArrayFamily });
    expect(() => upgradeType(array, 'f')).toThrow(CorruptionError);
  });
});

/** Zero and not set are the same here. */
function plain(type: MessageInitShape<typeof ColumnTypeSchema>): unknown {
  return {
    family: type.family,
    width: type.width,
    precision: type.precision,
    visibleType: type.visibleType,
    oid: type.oid,
    isSet: type.timePrecisionIsSet,
    interval: type.intervalDurationField !== undefined,
    contents: type.arrayContents === undefined ? undefined : plain(type.arrayContents),
  };
}

type TableInit = MessageInitShape<typeof TableDescriptorSchema>;
const INT = create(ColumnTypeSchema, { family: F.IntFamily });

function table(init: TableInit): Descriptor {
  return create(DescriptorSchema, {
    union: {
      case: 'table',
      value: create(TableDescriptorSchema, {
        name: `t${init.id}`,
        formatVersion: 3,
        columns: [
          { name: 'a', id: 1, type: INT },
          { name: 'b', id: 2, type: INT },
          { name: 'v', id: 3, type: INT, virtual: true },
          { name: 'c', id: 4, type: INT },
        ],
        primaryIndex: index(1, ['a']),
        ...init,
      }),
    },
  });
}

const COLUMN_ID: { readonly [name: string]: number } = { a: 1, b: 2, v: 3, c: 4, x: 77 };

function index(
  id: number,
  names: string[],
  more: MessageInitShape<typeof IndexDescriptorSchema> = {},
): IndexDescriptor {
  return create(IndexDescriptorSchema, {
    id,
    name: `i${id}`,
    keyColumnNames: names,
    keyColumnIds: names.map((name) => COLUMN_ID[name] ?? 0),
    keyColumnDirections: names.map(() => IndexDescriptor_Direction.ASC),
    ...more,
  });
}

function tableOf(descriptor: Descriptor): TableDescriptor {
  if (descriptor.union.case !== 'table') throw new Error('not a table');
  return descriptor.union.value;
}

describe('tables', () => {
  test('format 1 gets its families', () => {
    const old = table({ id: 53, formatVersion: 1, primaryIndex: index(1, ['b', 'a']) });
    upgradeDescriptors([old], 'f');
    const { families, nextFamilyId, formatVersion } = tableOf(old);
    expect(
      families.map(({ id, name, columnIds, defaultColumnId }) => [
        id,
        name,
        columnIds,
        defaultColumnId,
      ]),
    ).toEqual([
      [0, 'primary', [1, 2], 0],
      [3, 'fam_3_v', [3], 3],
      [4, 'fam_4_c', [4], 4],
    ]);
    expect([nextFamilyId, formatVersion]).toEqual([5, 3]);
  });

  test('the primary index lists what it stores', () => {
    const old = table({ id: 53 });
    upgradeDescriptors([old], 'f');
    expect(tableOf(old).primaryIndex).toMatchObject({
      storeColumnIds: [2, 4],
      storeColumnNames: ['b', 'c'],
      encodingType: 1,
      version: 4,
    });
  });

  test('schema, owner', () => {
    const old = table({ id: 53, privileges: {} });
    const system = table({ id: 3, parentId: 1, privileges: {} });
    upgradeDescriptors([old, system], 'f');
    expect(tableOf(old)).toMatchObject({
      unexposedParentSchemaId: 29,
      privileges: { owner: 'root', version: 1 },
    });
    expect(tableOf(system).privileges?.owner).toBe('node');
  });

  test.each<[string, TableInit]>([
    ['no id', { id: 0 }],
    ['an index without columns', { id: 53, indexes: [index(2, [])] }],
    ['an index on a column that is not there', { id: 53, indexes: [index(2, ['x'])] }],
    [
      'an index without directions',
      { id: 53, indexes: [index(2, ['b'], { keyColumnDirections: [] })] },
    ],
    ['two indexes with one id', { id: 53, indexes: [index(2, ['b']), index(2, ['a'])] }],
    ['a column without a type', { id: 53, columns: [{ name: 'a', id: 1 }] }],
    [
      'two columns with one id',
      {
        id: 53,
        columns: [
          { name: 'a', id: 1, type: INT },
          { name: 'b', id: 1, type: INT },
        ],
      },
    ],
    ['a column in no family', { id: 53, families: [{ id: 0, columnIds: [1] }] }],
    [
      'a column in two families',
      {
        id: 53,
        families: [
          { id: 0, columnIds: [1, 2, 4] },
          { id: 1, columnIds: [4] },
        ],
      },
    ],
    ['no family 0', { id: 53, families: [{ id: 1, columnIds: [1, 2, 4] }] }],
  ])('%s is corruption', (_, init) => {
    expect(() => upgradeDescriptors([table(init)], 'f')).toThrow(CorruptionError);
  });

  test('a table without a primary index, a table twice, a descriptor of no kind', () => {
    const bare = table({ id: 53 });
    delete tableOf(bare).primaryIndex;
    expect(() => upgradeDescriptors([bare], 'f')).toThrow(/no primary index/);
    expect(() => upgradeDescriptors([table({ id: 53 }), table({ id: 53 })], 'f')).toThrow(
      /two tables/,
    );
    expect(() => upgradeDescriptors([create(DescriptorSchema)], 'f')).toThrow(CorruptionError);
  });

  test('a view needs no index', () => {
    const view = table({ id: 53, viewQuery: 'SELECT 1', primaryIndex: {} });
    upgradeDescriptors([view], 'f');
    expect(tableOf(view).primaryIndex?.version).toBe(0);
  });
});

describe('foreign keys on indexes', () => {
  const reference = {
    table: 53,
    index: 1,
    name: 'fk',
    sharedPrefixLen: 1,
    onDelete: ForeignKeyAction.CASCADE,
  };
  const child = (): Descriptor =>
    table({ id: 54, indexes: [index(2, ['b', 'c'], { foreignKey: reference })] });
  const parent = (): Descriptor =>
    table({ id: 53, primaryIndex: index(1, ['a'], { referencedBy: [{ table: 54, index: 2 }] }) });
  const key = {
    originTableId: 54,
    originColumnIds: [2],
    referencedTableId: 53,
    referencedColumnIds: [1],
    name: 'fk',
    onDelete: ForeignKeyAction.CASCADE,
  };

  test.each([[[0, 1]], [[1, 0]]])('in any order of the tables', (order) => {
    const both = [child(), parent()];
    const set = order.map((i) => both[i] as Descriptor);
    upgradeDescriptors(set, 'f');
    const [first, second] = both.map(tableOf) as [TableDescriptor, TableDescriptor];
    expect(first.outboundFks).toMatchObject([key]);
    expect(first.inboundFks).toEqual([]);
    expect(second.inboundFks).toMatchObject([key]);
    expect(first.indexes[0]?.foreignKey).toBeUndefined();
    expect(second.primaryIndex?.referencedBy).toEqual([]);
    const once = both.map((descriptor) => clone(DescriptorSchema, descriptor));
    upgradeDescriptors(set, 'f');
    expect(both).toEqual(once);
  });

  test('to itself', () => {
    const self = table({
      id: 53,
      indexes: [
        index(2, ['b'], {
          foreignKey: { ...reference, index: 2 },
          referencedBy: [{ table: 53, index: 2 }],
        }),
      ],
    });
    upgradeDescriptors([self], 'f');
    const expected = [{ originTableId: 53, originColumnIds: [2], referencedColumnIds: [2] }];
    expect(tableOf(self).outboundFks).toMatchObject(expected);
    expect(tableOf(self).inboundFks).toMatchObject(expected);
  });

  test('an upgraded child of a parent that is not', () => {
    const upgraded = table({ id: 54, indexes: [index(2, ['b', 'c'])], outboundFks: [key] });
    const old = parent();
    upgradeDescriptors([upgraded, old], 'f');
    expect(tableOf(old).inboundFks).toMatchObject([key]);
    expect(() =>
      upgradeDescriptors([table({ id: 54, indexes: [index(2, ['b'])] }), parent()], 'f'),
    ).toThrow(/no foreign key of table 54/);
  });

  test('a table that is not in the backup', () => {
    const alone = child();
    const parentAlone = parent();
    upgradeDescriptors([alone], 'f');
    upgradeDescriptors([parentAlone], 'f');
    expect(tableOf(alone).outboundFks).toMatchObject([{ ...key, referencedColumnIds: [] }]);
    expect(tableOf(parentAlone).inboundFks).toEqual([]);
  });

  test('table 0 means no foreign key; a dropped table has none', () => {
    const none = table({ id: 54, indexes: [index(2, ['b'], { foreignKey: { table: 0 } })] });
    const dropped = child();
    tableOf(dropped).id = 55;
    tableOf(dropped).state = DescriptorState.DROP;
    upgradeDescriptors([none, dropped, parent()].slice(0, 2), 'f');
    expect(tableOf(none).outboundFks).toEqual([]);
    expect(tableOf(dropped).outboundFks).toEqual([]);
  });

  test.each([
    ['more columns than the index has', { ...reference, sharedPrefixLen: 3 }],
    ['less than no columns', { ...reference, sharedPrefixLen: -1 }],
    ['an index that is not there', { ...reference, index: 9 }],
  ])('%s: corruption', (_, foreignKey) => {
    const bad = table({ id: 54, indexes: [index(2, ['b', 'c'], { foreignKey })] });
    expect(() => upgradeDescriptors([bad, table({ id: 53 })], 'f')).toThrow(CorruptionError);
  });
});

function upgradeAll(directory: string): Map<string, Descriptor[]> {
  const result = new Map<string, Descriptor[]>();
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/(^|\/)BACKUP(_MANIFEST)?$/.test(path)) continue;
    const stored = readFileSync(join(directory, path));
    const bytes = stored[0] === 0x1f ? gunzipSync(stored) : stored;
    const { descriptors } = decodeMessage(BackupManifestSchema, bytes, path);
    upgradeDescriptors(descriptors, path);
    const once = descriptors.map((one) => toBinary(DescriptorSchema, one));
    upgradeDescriptors(descriptors, path);
    expect(descriptors.map((one) => toBinary(DescriptorSchema, one))).toEqual(once);
    result.set(path, descriptors);
  }
  return result;
}

test('descriptors of the fixtures: upgrading twice is upgrading once', () => {
  const backups = upgradeAll(join(fixturesDir, 'backups'));
  expect(backups.size).toBe(3);
  for (const descriptors of backups.values()) expect(descriptors.length).toBeGreaterThan(5);
});

describeShared('descriptors of real clusters', () => {
  const backups = upgradeAll(join(sharedDir, 'backups'));
  const tableNamed = (path: string, name: string): TableDescriptor => {
    for (const descriptor of backups.get(path) ?? [])
      if (descriptor.union.case === 'table' && descriptor.union.value.name === name)
        return descriptor.union.value;
    throw new Error(`${path}: no table ${name}`);
  };

  test.each(['v1.0.7', 'v2.1.8', 'v19.1.4'])('the foreign key of %s', (release) => {
    const path = `upstream/${release}/BACKUP`;
    const [t3, t4] = [tableNamed(path, 't3'), tableNamed(path, 't4')];
    const key = { name: 'fk_t3', originTableId: t4.id, referencedTableId: t3.id };
    expect(t4.outboundFks).toMatchObject([key]);
    expect(t3.inboundFks).toMatchObject([
      { ...key, originColumnIds: [1], referencedColumnIds: [1] },
    ]);
  });

  test('both sides of every foreign key of the revision history', () => {
    const path = 'upstream/revision-history-v19.1.11/BACKUP';
    const names = (list: readonly { name: string }[]): string[] =>
      list.map((key) => key.name).sort();
    expect(names(tableNamed(path, 'parent').inboundFks)).toEqual([
      'fk_k_ref_parent',
      'fk_parent_i_ref_parent',
      'fk_parent_j_ref_parent',
    ]);
    expect(names(tableNamed(path, 'child').outboundFks)).toEqual([
      'fk_parent_i_ref_parent',
      'fk_parent_j_ref_parent',
    ]);
    expect(names(tableNamed(path, 'circular').outboundFks)).toEqual(['self_fk']);
    expect(names(tableNamed(path, 'circular').inboundFks)).toEqual(['self_fk']);
  });

  test('every column has an OID', () => {
    for (const [path, descriptors] of backups)
      for (const { union } of descriptors)
        if (union.case === 'table')
          for (const column of union.value.columns)
            expect([path, column.name, (column.type?.oid ?? 0) > 0]).toEqual([
              path,
              column.name,
              true,
            ]);
  });
});
