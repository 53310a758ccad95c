import { planRestore, type RestorePlan } from '../../../backup/restore/plan';
import type { RestoreOptions, RestoreTargets } from '../../../backup/restore/request';
import { OFFLINE_REASON } from '../../../backup/restore/rewrite';
import type { Descriptor, TypeDescriptor } from '../../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState, type TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { CatalogSnapshot } from '../../../catalog/snapshot';
import {
  database,
  enumType,
  INT8_TYPE,
  schema,
  table,
  view,
} from '../../catalog/support/descriptors';

const ENUM_TYPE = { family: 24, oid: 100_060 } as const;
const ARRAY_ALIAS = { kind: 1, alias: { oid: 100_061, arrayContents: ENUM_TYPE } } as const;
const enums = (parentId: number, labels: readonly string[], id = 60): Descriptor[] => [
  enumType(id, parentId, 'color', labels, { arrayTypeId: id + 1, referencingDescriptorIds: [55] }),
  enumType(id + 1, parentId, '_color', [], ARRAY_ALIAS),
];

const backup = (): CatalogSnapshot =>
  new CatalogSnapshot(0, [
    database(50, 'd'),
    schema(52, 50, 's'),
    table(53, 50, 'parent', {
      inboundFks: [{ name: 'fk', originTableId: 54, referencedTableId: 53 }],
      dependedOnBy: [{ id: 56, columnIds: [1] }],
    }),
    table(54, 50, 'child', {
      unexposedParentSchemaId: 52,
      outboundFks: [{ name: 'fk', originTableId: 54, referencedTableId: 53 }],
    }),
    table(55, 50, 'painted', {
      columns: [
        {
          id: 1,
          name: 'id',
          type: INT8_TYPE,
          defaultExpr: 'nextval(57:::REGCLASS)',
          usesSequenceIds: [57],
        },
        { id: 2, name: 'c', type: ENUM_TYPE, defaultExpr: `x'40':::@100060` },
      ],
      checks: [{ name: 'chk', expr: `c != x'40':::@100060` }],
    }),
    view(56, 50, 'v', [53], 'SELECT id FROM d.public.parent'),
    table(57, 50, 'seq', { sequenceOpts: { increment: 1n } }),
    ...enums(50, ['red']),
  ]);

const STRICT: RestoreOptions = {
  skipMissingForeignKeys: false,
  skipMissingSequences: false,
  skipMissingSequenceOwners: false,
  skipMissingViews: false,
};

function plan(
  targets: Exclude<RestoreTargets, { kind: 'cluster' }>,
  existing: readonly Descriptor[] = [],
  options: Partial<RestoreOptions> = {},
): RestorePlan {
  let nextId = 200;
  const ids = {
    allocate: () => nextId++,
    reserveThrough: (id: number) => {
      nextId = Math.max(nextId, id + 1);
    },
  };
  const input = {
    file: 'backup',
    backup: backup(),
    coverage: { formatVersion: 1, completeDbs: [50] },
    targets,
    options: { ...STRICT, ...options },
    context: { user: 'ann', currentDatabase: 'defaultdb', searchPath: ['public'] },
    regions: { cluster: [], defaultPrimary: '' },
  };
  return planRestore(input, new CatalogSnapshot(0, existing), ids);
}

const WHOLE = { kind: 'databases', names: ['d'] } as const;
const tables = (...names: string[]) =>
  ({
    kind: 'tables',
    patterns: names.map((name) => ({ parts: name.split('.'), star: false })),
  }) as const;

const named = (descriptors: readonly Descriptor[], name: string) =>
  descriptors.find((each) => each.union.value?.name === name)?.union.value;
const tableNamed = (made: RestorePlan, name: string) =>
  named(made.inserts, name) as TableDescriptor;

test('a database: new ids in the order of the old ones, everything OFFLINE and owned by who restores', () => {
  const made = plan(WHOLE);
  expect(made.inserts.map(({ union }) => [union.value?.name, union.value?.id])).toEqual([
    ['d', 200],
    ['s', 201],
    ['parent', 202],
    ['child', 203],
    ['painted', 204],
    ['v', 205],
    ['seq', 206],
    ['color', 207],
    ['_color', 208],
  ]);
  for (const { union } of made.inserts) {
    expect(union.value).toMatchObject({
      state: DescriptorState.OFFLINE,
      offlineReason: OFFLINE_REASON,
      version: 1,
    });
    expect(union.value).toMatchObject({ privileges: { owner: 'ann' } });
  }
  expect(made.updates).toEqual([]);
  expect(made.tables.map(({ oldId, newId }) => [oldId, newId])).toEqual([
    [53, 202],
    [54, 203],
    [55, 204],
    [56, 205],
    [57, 206],
  ]);
});

test('every id inside of descriptors and expressions follows', () => {
  const made = plan(WHOLE);
  expect(tableNamed(made, 'child')).toMatchObject({
    parentId: 200,
    unexposedParentSchemaId: 201,
    outboundFks: [{ originTableId: 203, referencedTableId: 202 }],
  });
  expect(tableNamed(made, 'parent')).toMatchObject({
    unexposedParentSchemaId: 29,
    inboundFks: [{ originTableId: 203, referencedTableId: 202 }],
    dependedOnBy: [{ id: 205 }],
  });
  const painted = tableNamed(made, 'painted');
  expect(painted.columns[0]).toMatchObject({
    defaultExpr: 'nextval(206:::REGCLASS)',
    usesSequenceIds: [206],
  });
  expect(painted.columns[1]).toMatchObject({
    type: { oid: 100_207 },
    defaultExpr: `x'40':::@100207`,
  });
  expect(painted.checks[0]?.expr).toBe(`c != x'40':::@100207`);
  const color = named(made.inserts, 'color') as TypeDescriptor;
  expect(color).toMatchObject({ arrayTypeId: 208, referencingDescriptorIds: [204] });
  const array = named(made.inserts, '_color') as TypeDescriptor;
  expect(array.alias).toMatchObject({ oid: 100_208, arrayContents: { oid: 100_207 } });
});

test('the backup itself is left as it was: planning may be done again', () => {
  const before = backup();
  expect([...before.entries()].map(({ descriptor }) => descriptor)).toEqual(
    [...backup().entries()].map(({ descriptor }) => descriptor),
  );
  expect(plan(WHOLE).inserts).toEqual(plan(WHOLE).inserts);
});

test('into_db: the view reads from the other database; its schema is entered there', () => {
  const existing = [database(104, 'other')];
  const made = plan(tables('d.parent', 'd.s.child', 'd.v'), existing, { intoDb: 'other' });
  expect(tableNamed(made, 'v').viewQuery).toBe('SELECT id FROM other.public.parent');
  expect(tableNamed(made, 'child').parentId).toBe(104);
  const updated = named(made.updates, 'other');
  expect(updated).toMatchObject({ id: 104, schemas: [{ key: 's', value: { id: 200 } }] });
});

test('a schema of the same name is used', () => {
  const existing = [database(104, 'd'), schema(105, 104, 's')];
  const made = plan(tables('d.parent', 'd.s.child'), existing);
  expect(tableNamed(made, 'child').unexposedParentSchemaId).toBe(105);
  expect(made.inserts.map(({ union }) => union.case)).toEqual(['table', 'table']);
  expect(made.updates).toEqual([]);
});

test('an enum with all labels is used, and learns of its new user', () => {
  const existing = [database(104, 'd'), ...enums(104, ['red', 'green'], 160)];
  const made = plan(tables('d.painted', 'd.seq'), existing);
  expect(made.inserts.map(({ union }) => union.value?.name)).toEqual(['painted', 'seq']);
  expect(tableNamed(made, 'painted').columns[1]?.type?.oid).toBe(100_160);
  expect(named(made.updates, 'color')).toMatchObject({ referencingDescriptorIds: [55, 200] });
});

test('options drop what is missing', () => {
  const existing = [database(104, 'd')];
  const child = plan(tables('d.s.child'), existing, { skipMissingForeignKeys: true });
  expect(tableNamed(child, 'child').outboundFks).toEqual([]);
  const painted = plan(tables('d.painted'), existing, { skipMissingSequences: true });
  expect(tableNamed(painted, 'painted').columns[0]).toMatchObject({
    defaultExpr: '',
    usesSequenceIds: [],
  });
});

const INTO_D = [database(104, 'd')];
test.each<[string, () => RestorePlan, string]>([
  ['a database that exists', () => plan(WHOLE, INTO_D), 'database "d" already exists'],
  [
    'a table without its database',
    () => plan(tables('d.parent')),
    'a database named "d" needs to exist to restore table "parent"',
  ],
  [
    'a table that exists',
    () => plan(tables('d.parent'), [...INTO_D, table(105, 104, 'parent')]),
    'relation "parent" already exists',
  ],
  [
    'a table where a type has its name',
    () => plan(tables('d.parent'), [...INTO_D, enumType(105, 104, 'parent', [])]),
    'type "parent" already exists',
  ],
  [
    'a table that is being restored already',
    () =>
      plan(tables('d.parent'), [
        ...INTO_D,
        table(105, 104, 'parent', { state: DescriptorState.OFFLINE }),
      ]),
    'relation "parent" already exists',
  ],
  [
    'an enum that lacks a label',
    () => plan(tables('d.painted', 'd.seq'), [...INTO_D, ...enums(104, ['green'], 160)]),
    '"color" is not compatible with type "color" existing in cluster: could not find enum value "red" in "color"',
  ],
  [
    'an enum whose label has other bytes',
    () => {
      const [color, array] = enums(104, ['red'], 160);
      const type = color?.union.value as TypeDescriptor;
      const [red] = type.enumMembers;
      if (red !== undefined) red.physicalRepresentation = Uint8Array.of(0x41);
      return plan(tables('d.painted', 'd.seq'), [
        ...INTO_D,
        ...[color, array].flatMap((made) => made ?? []),
      ]);
    },
    '"color" is not compatible with type "color" existing in cluster: "color" has differing physical representation for value "red"',
  ],
  [
    'an enum of another kind',
    () =>
      plan(tables('d.painted', 'd.seq'), [
        ...INTO_D,
        enumType(160, 104, 'color', ['red'], { kind: 2 }),
      ]),
    '"color" of type "ENUM" is not compatible with type "MULTIREGION_ENUM"',
  ],
  [
    'the array type of an enum where something has its name',
    () => plan(tables('d.painted', 'd.seq'), [...INTO_D, table(105, 104, '_color')]),
    'name collision for "color"\'s array type: relation "_color" already exists',
  ],
  [
    'an enum where a table has its name',
    () => plan(tables('d.painted', 'd.seq'), [...INTO_D, table(105, 104, 'color')]),
    'relation "color" already exists',
  ],
  [
    'into_db with a database',
    () => plan(WHOLE, INTO_D, { intoDb: 'd' }),
    'cannot use "into_db" option when restoring database(s)',
  ],
  [
    'a table of the system database in place',
    () => plan(tables('d.parent'), [database(1, 'system')], { intoDb: 'system' }),
    'relation "parent" already exists',
  ],
])('refuses %s', (_, body, message) => {
  expect(body).toThrow(message);
});
