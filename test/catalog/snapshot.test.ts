import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { CatalogSnapshot } from '../../catalog/snapshot';
import { database, enumType, INT8_TYPE, schema, table, view } from './support/descriptors';

const PUBLIC = 29;
const catalog = new CatalogSnapshot(7, [
  database(50, 'd'),
  database(51, 'b'),
  schema(52, 50, 's'),
  table(53, 50, 't'),
  table(54, 50, 't', { unexposedParentSchemaId: 52 }),
  table(55, 50, 'offline', { state: DescriptorState.OFFLINE }),
  table(56, 50, 'dropped', { state: DescriptorState.DROP }),
  table(57, 50, 'dropped'),
  view(58, 50, 'a_view', [53]),
  enumType(60, 50, 'color', ['red', 'green'], { arrayTypeId: 61 }),
  enumType(61, 50, '_color', [], { kind: 1 }),
  table(62, 50, 'painted', {
    columns: [
      { id: 1, name: 'id', type: INT8_TYPE },
      { id: 2, name: 'c', nullable: true, type: { family: 24, oid: 100_060 } },
    ],
  }),
  table(63, 50, 'seq', { sequenceOpts: { increment: 2n, minValue: 1n, maxValue: 9n, start: 1n } }),
]);

test('databases, by name', () => {
  expect(catalog.databases().map(({ name }) => name)).toEqual(['b', 'd']);
  expect(catalog.database('d')?.id).toBe(50);
  expect(catalog.database('nosuch')).toBeUndefined();
});

test.each([
  ['public', PUBLIC],
  ['s', 52],
  ['nosuch', undefined],
  ['t', undefined],
])('schema %s', (name, id) => expect(catalog.schemaId(50, name)).toBe(id));

test.each<[number, string, number | undefined]>([
  [PUBLIC, 't', 53],
  [52, 't', 54],
  [PUBLIC, 'offline', undefined],
  [PUBLIC, 'dropped', 57],
  [52, 'dropped', undefined],
  [PUBLIC, 'color', undefined],
])('in schema %i the name %s is table %s', (schemaId, name, id) => {
  expect(catalog.table(50, schemaId, name)?.id).toBe(id);
});

test('names that are not visible are taken all the same; those of dropped things are not', () => {
  expect(catalog.holderOfName(50, PUBLIC, 'offline')?.id).toBe(55);
  expect(catalog.holderOfName(50, PUBLIC, 'dropped')?.id).toBe(57);
  expect(catalog.holderOfName(50, PUBLIC, '_color')?.kind).toBe('type');
});

test('tables of a database: public ones, by schema and name', () => {
  expect(catalog.tables(50).map(({ schemaName, name, kind }) => [schemaName, name, kind])).toEqual([
    ['public', 'a_view', 'view'],
    ['public', 'dropped', 'table'],
    ['public', 'painted', 'table'],
    ['public', 'seq', 'sequence'],
    ['public', 't', 'table'],
    ['s', 't', 'table'],
  ]);
  expect(catalog.types(50).map(({ name }) => name)).toEqual(['color']);
});

test('a table with an enum knows its labels', () => {
  const painted = catalog.tableById(62);
  expect(painted?.sqliteName).toBe('t62');
  expect(painted?.columns[1]).toMatchObject({
    name: 'c',
    nullable: true,
    type: { family: 'enum', enum: { name: 'color', schemaName: 'public', databaseName: 'd' } },
  });
  expect(catalog.enumMetadata(60)?.members.map(({ label }) => label)).toEqual(['red', 'green']);
  expect(catalog.enumMetadata(53)).toBeUndefined();
});

test('a sequence tells its options; a cache of 0 is one of 1', () => {
  expect(catalog.tableById(63)?.sequence).toEqual({
    increment: 2n,
    minValue: 1n,
    maxValue: 9n,
    start: 1n,
    cache: 1n,
    virtual: false,
  });
});

test('names of ids that are not there', () => {
  expect([catalog.databaseName(99), catalog.schemaName(99)]).toEqual(['[99]', '[99]']);
  expect(catalog.tableById(99)).toBeUndefined();
});
