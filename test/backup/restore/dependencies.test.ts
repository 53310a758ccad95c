import { create } from '@bufbuild/protobuf';
import { checkDependencies } from '../../../backup/restore/dependencies';
import type { RestoreOptions } from '../../../backup/restore/request';
import type { Descriptor } from '../../../catalog/descriptor/gen/descriptor_pb';
import { ColumnTypeSchema } from '../../../catalog/descriptor/gen/type_pb';
import { CatalogSnapshot } from '../../../catalog/snapshot';
import { INT8_TYPE, type TableInit, table, view } from '../../catalog/support/descriptors';

const STRICT: RestoreOptions = {
  skipMissingForeignKeys: false,
  skipMissingSequences: false,
  skipMissingSequenceOwners: false,
  skipMissingViews: false,
};

function check(
  descriptors: readonly Descriptor[],
  options: Partial<RestoreOptions> = {},
): string[] {
  const tables = [...new CatalogSnapshot(0, descriptors).entries()];
  const targets = { databases: [], schemas: [], types: [], tables };
  return checkDependencies(targets, { ...STRICT, ...options }).tables.map(({ name }) => name);
}

const column = (more: object): TableInit => ({
  columns: [{ id: 1, name: 'id', type: INT8_TYPE, ...more }],
});
const T = table(53, 50, 't');
const CHILD = table(54, 50, 'child', {
  outboundFks: [{ originTableId: 54, referencedTableId: 53, name: 'fk' }],
});
const USER = table(55, 50, 'user', column({ usesSequenceIds: [70] }));
const OWNER = table(56, 50, 'owner', column({ ownsSequenceIds: [71] }));
const SERIAL = table(57, 50, 'serial', column({ usesSequenceIds: [72], ownsSequenceIds: [72] }));
const VIEW = view(58, 50, 'v', [53]);
const VIEW_ON_VIEW = view(59, 50, 'vv', [58]);
const TYPE_90 = create(ColumnTypeSchema, { family: 24, oid: 100_090 });
const TYPED = table(60, 50, 'typed', column({ type: TYPE_90 }));
const OWNED = table(64, 50, 'owned', { sequenceOpts: { sequenceOwner: { ownerTableId: 56 } } });
const INTERLEAVED = table(61, 50, 'inner', {
  primaryIndex: {
    id: 1,
    keyColumnIds: [1],
    interleave: { ancestors: [{ tableId: 53, indexId: 1 }] },
  },
});
const OUTER = table(62, 50, 'outer', {
  primaryIndex: { id: 1, keyColumnIds: [1], interleavedBy: [{ table: 99, index: 1 }] },
});

test.each<[string, Descriptor[], Partial<RestoreOptions>, string[]]>([
  ['a table that needs nothing', [T], {}, ['t']],
  ['a child with its parent', [T, CHILD], {}, ['t', 'child']],
  ['a child alone', [CHILD], { skipMissingForeignKeys: true }, ['child']],
  ['a user of a sequence alone', [USER], { skipMissingSequences: true }, ['user']],
  ['an owner of a sequence alone', [OWNER], { skipMissingSequenceOwners: true }, ['owner']],
  ['a SERIAL column alone', [SERIAL], { skipMissingSequences: true }, ['serial']],
  ['a view with its table', [T, VIEW], {}, ['t', 'v']],
  ['a sequence without its owner', [OWNED], { skipMissingSequenceOwners: true }, ['owned']],
  ['views without the table: none', [VIEW, VIEW_ON_VIEW], { skipMissingViews: true }, []],
  ['interleaved tables together', [T, INTERLEAVED], {}, ['t', 'inner']],
])('%s', (_, descriptors, options, expected) => {
  expect(check(descriptors, options)).toEqual(expected);
});

test.each<[string, Descriptor[], Partial<RestoreOptions>, string]>([
  [
    'a foreign key',
    [CHILD],
    {},
    'cannot restore table "child" without referenced table 53 (or "skip_missing_foreign_keys" option)',
  ],
  [
    'a sequence',
    [USER],
    {},
    'cannot restore table "user" without referenced sequence 70 (or "skip_missing_sequences" option)',
  ],
  [
    'an owned sequence',
    [OWNER],
    { skipMissingSequences: true },
    'cannot restore table "owner" without referenced sequence 71 (or "skip_missing_sequence_owners" option)',
  ],
  [
    'the owner of a sequence',
    [OWNED],
    {},
    'cannot restore sequence "owned" without referenced owner table 56 (or "skip_missing_sequence_owners" option)',
  ],
  [
    'a column that is being added, of a type',
    [
      table(65, 50, 'adding', {
        mutations: [
          {
            direction: 1,
            mutationId: 1,
            descriptor: { case: 'column' as const, value: { id: 9, name: 'c', type: TYPE_90 } },
          },
        ],
      }),
    ],
    {},
    'cannot restore table "adding" without referenced type 90',
  ],
  [
    'a foreign key that is being added',
    [
      table(66, 50, 'referring', {
        mutations: [
          {
            direction: 1,
            mutationId: 1,
            descriptor: {
              case: 'constraint' as const,
              value: {
                constraintType: 1,
                name: 'fk',
                foreignKey: { name: 'fk', originTableId: 66, referencedTableId: 53 },
              },
            },
          },
        ],
      }),
    ],
    {},
    'cannot restore table "referring" without referenced table 53 (or "skip_missing_foreign_keys" option)',
  ],
  [
    'a view',
    [VIEW],
    {},
    'cannot restore view "v" without restoring referenced table (or "skip_missing_views" option)',
  ],
  ['a type', [TYPED], {}, 'cannot restore table "typed" without referenced type 90'],
  [
    'an interleave parent',
    [INTERLEAVED],
    {},
    'cannot restore table "inner" without interleave parent 53',
  ],
  [
    'an interleave child',
    [OUTER],
    {},
    'cannot restore table "outer" without interleave child table 99',
  ],
  [
    'a schema change that was going on',
    [table(63, 50, 'changing', { mutations: [{ mutationId: 1 }] })],
    {},
    'restoring table "changing", which was in the middle of a schema change',
  ],
])('refuses a table without %s', (_, descriptors, options, message) => {
  expect(() => check(descriptors, options)).toThrow(message);
});
