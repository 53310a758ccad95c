import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { displayExpression, showCreate } from '../../catalog/show-create';
import { CatalogSnapshot } from '../../catalog/snapshot';
import { database, enumType, INT8_TYPE, type TableInit, table, view } from './support/descriptors';

/** What the answers of real clusters (test/e2e/expected.test.ts) do not show. */

const OTHERS = [
  database(50, 'd'),
  database(51, 'My Db'),
  table(53, 50, 'parent'),
  table(54, 51, 'far'),
  table(55, 50, 'seq', { sequenceOpts: {} }),
  enumType(60, 50, 'color', ['red', `it's`]),
];

function shown(more: TableInit): string {
  const made = table(70, 50, 'T', more);
  const catalog = new CatalogSnapshot(0, [...OTHERS, made]);
  return showCreate(catalog.tableDescriptor(70) as TableDescriptor, catalog);
}

const STRING_TYPE = { family: 7, oid: 25 } as const;
const key = {
  id: 1,
  name: 'primary',
  keyColumnIds: [1],
  keyColumnNames: ['id'],
  keyColumnDirections: [0],
};

test('a table by itself', () => {
  expect(shown({})).toBe(
    'CREATE TABLE public."T" (\n\tid INT8 NOT NULL,\n' +
      '\tCONSTRAINT "primary" PRIMARY KEY (id ASC),\n\tFAMILY "primary" (id)\n)',
  );
});

test.each<[string, TableInit, string]>([
  [
    'a hidden column with a default',
    {
      columns: [
        { id: 1, name: 'id', type: INT8_TYPE, hidden: true, defaultExpr: 'unique_rowid()' },
      ],
    },
    '\tid INT8 NOT VISIBLE NOT NULL DEFAULT unique_rowid(),\n',
  ],
  [
    'a virtual computed column',
    {
      columns: [
        { id: 1, name: 'id', type: INT8_TYPE },
        { id: 2, name: 'V', type: STRING_TYPE, nullable: true, virtual: true, computeExpr: `'a'` },
      ],
    },
    `\t"V" STRING NULL AS ('a') VIRTUAL,\n`,
  ],
  [
    'a key in descending order',
    { primaryIndex: { ...key, name: 'pk', keyColumnDirections: [1] } },
    '\tCONSTRAINT pk PRIMARY KEY (id DESC),\n',
  ],
  [
    'a partial unique index that stores a column',
    {
      indexes: [
        {
          id: 2,
          name: 'i',
          unique: true,
          keyColumnIds: [1],
          keyColumnNames: ['id'],
          keyColumnDirections: [0],
          storeColumnNames: ['s'],
          predicate: 'id > 0:::INT8',
        },
      ],
    },
    '\tUNIQUE INDEX i (id ASC) STORING (s) WHERE id > 0:::INT8,\n',
  ],
  [
    'a foreign key with actions, not validated',
    {
      outboundFks: [
        {
          name: 'fk',
          originTableId: 70,
          originColumnIds: [1],
          referencedTableId: 53,
          referencedColumnIds: [1],
          onDelete: 4,
          onUpdate: 2,
          match: 1,
          validity: 1,
        },
      ],
    },
    '\tCONSTRAINT fk FOREIGN KEY (id) REFERENCES public.parent(id) MATCH FULL ON DELETE CASCADE ON UPDATE SET NULL NOT VALID,\n',
  ],
  [
    'a foreign key into another database',
    {
      outboundFks: [
        {
          name: 'fk',
          originTableId: 70,
          originColumnIds: [1],
          referencedTableId: 54,
          referencedColumnIds: [1],
        },
      ],
    },
    '\tCONSTRAINT fk FOREIGN KEY (id) REFERENCES "My Db".public.far(id),\n',
  ],
  [
    'a check',
    { checks: [{ name: 'Chk', expr: `c != x'40':::@100060` }] },
    `\tCONSTRAINT "Chk" CHECK (c != 'red':::public.color)\n`,
  ],
])('%s', (_, more, line) => expect(shown(more)).toContain(line));

test('views and sequences', () => {
  const made = [
    view(71, 50, 'v', [53], 'SELECT id FROM d.public.parent'),
    table(72, 50, 's', {
      sequenceOpts: { increment: -1n, minValue: -9n, maxValue: -1n, start: -1n, cacheSize: 5n },
    }),
  ];
  const catalog = new CatalogSnapshot(0, [...OTHERS, ...made]);
  const statement = (id: number) =>
    showCreate(catalog.tableDescriptor(id) as TableDescriptor, catalog);
  expect(statement(71)).toBe('CREATE VIEW public.v (id) AS SELECT id FROM d.public.parent');
  expect(statement(72)).toBe(
    'CREATE SEQUENCE public.s MINVALUE -9 MAXVALUE -1 INCREMENT -1 START -1 CACHE 5',
  );
});

test.each([
  [`x'60':::@100060`, `e'it\\'s':::public.color`],
  [`x'99':::@100060`, `x'99':::public.color`],
  ['c::@100060', 'c::public.color'],
  ['c::@100999', 'c::@100999'],
  ['nextval(55:::REGCLASS)', `nextval('public.seq'::REGCLASS)`],
  ['nextval(99:::REGCLASS)', 'nextval(99:::REGCLASS)'],
])('the expression %s is shown as %s', (stored, expected) => {
  expect(displayExpression(stored, new CatalogSnapshot(0, OTHERS))).toBe(expected);
});
