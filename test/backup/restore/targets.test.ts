import type { RestoreTargets, TablePattern } from '../../../backup/restore/request';
import { type ResolvedTargets, resolveTargets } from '../../../backup/restore/targets';
import { CatalogSnapshot } from '../../../catalog/snapshot';
import {
  database,
  enumType,
  INT8_TYPE,
  schema,
  table,
  view,
} from '../../catalog/support/descriptors';

const ENUM_OID = 100_000 + 60;
const BACKUP = new CatalogSnapshot(0, [
  database(50, 'd'),
  database(51, 'e'),
  database(63, 's'),
  table(64, 63, 'y'),
  schema(52, 50, 's'),
  schema(62, 50, 'empty'),
  table(53, 50, 't'),
  table(54, 50, 't', { unexposedParentSchemaId: 52 }),
  table(55, 51, 'x'),
  view(56, 50, 'v', [53]),
  enumType(60, 50, 'color', ['red'], { arrayTypeId: 61 }),
  enumType(61, 50, '_color', [], {
    kind: 2,
    alias: { oid: 100_061, arrayContents: { oid: 100_060 } },
  }),
  table(57, 50, 'painted', {
    columns: [
      { id: 1, name: 'id', type: INT8_TYPE },
      { id: 2, name: 'c', type: { family: 24, oid: ENUM_OID } },
    ],
  }),
  table(58, 50, 'temporary', { temporary: true }),
  table(59, 50, 'dropped', { state: 2 }),
]);
const WHOLE = { formatVersion: 1, completeDbs: [50] };
const CONTEXT = { user: 'root', currentDatabase: 'd', searchPath: ['public'] };

type Targets = Exclude<RestoreTargets, { kind: 'cluster' }>;
const databases = (...names: string[]): Targets => ({ kind: 'databases', names });
const tables = (...names: string[]): Targets => ({
  kind: 'tables',
  patterns: names.map((name): TablePattern => {
    const parts = name.split('.');
    return parts.at(-1) === '*'
      ? { parts: parts.slice(0, -1), star: true }
      : { parts, star: false };
  }),
});

const ids = (resolved: ResolvedTargets): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(resolved).map(([kind, entries]: [string, { id: number }[]]) => [
      kind,
      entries.map((entry) => entry.id),
    ]),
  );

const NONE = { databases: [], schemas: [], tables: [], types: [] };

test.each<[string, Targets, Partial<Record<keyof typeof NONE, number[]>>]>([
  [
    'a database',
    databases('d'),
    { databases: [50], schemas: [52, 62], tables: [53, 54, 56, 57], types: [60, 61] },
  ],
  ['a table', tables('d.t'), { tables: [53] }],
  ['a table of the current database', tables('t'), { tables: [53] }],
  ['a table by schema', tables('s.t'), { schemas: [52], tables: [54] }],
  ['a table by database and schema', tables('d.s.t'), { schemas: [52], tables: [54] }],
  ['a table twice', tables('d.t', 'd.public.t'), { tables: [53] }],
  ['a table with an enum', tables('d.painted'), { tables: [57], types: [60, 61] }],
  [
    'all tables of a database',
    tables('d.*'),
    { schemas: [52], tables: [53, 54, 56, 57], types: [60, 61] },
  ],
  [
    'all tables of the current database',
    { kind: 'tables', patterns: [{ parts: [], star: true }] },
    { schemas: [52], tables: [53, 54, 56, 57], types: [60, 61] },
  ],
  ['a schema before a database of its name', tables('s.*'), { schemas: [52], tables: [54] }],
  ['all tables of a schema', tables('d.s.*'), { schemas: [52], tables: [54] }],
])('%s', (_, targets, expected) => {
  const resolved = resolveTargets(BACKUP, targets, WHOLE, CONTEXT);
  expect(ids(resolved)).toEqual({ ...NONE, ...expected });
});

const PREFIX =
  'failed to resolve targets in the BACKUP location specified by the RESTORE stmt, ' +
  'use SHOW BACKUP to find correct targets: ';

test.each<[string, Targets, string]>([
  ['an unknown database', databases('nosuch'), 'unknown database "nosuch"'],
  [
    'a database of which the backup has tables only',
    databases('e'),
    'cannot RESTORE DATABASE from a backup of individual tables (use SHOW BACKUP to determine available tables)',
  ],
  ['an unknown table', tables('d.nosuch'), 'table "d.nosuch" does not exist'],
  ['a dropped table', tables('d.dropped'), 'table "d.dropped" does not exist'],
  ['a temporary table', tables('d.temporary'), 'table "d.temporary" does not exist'],
  ['a table of another schema', tables('d.nosuch.t'), 'table "d.nosuch.t" does not exist'],
  [
    'all tables of a schema without any',
    tables('d.empty.*'),
    'no tables or databases matched the given targets: TABLE d.empty.*',
  ],
  ['all tables of an unknown database', tables('nosuch.*'), 'unknown database "nosuch"'],
  ['all tables of an unknown schema', tables('d.nosuch.*'), 'unknown schema "nosuch"'],
  [
    'all tables of a database that is not whole',
    tables('e.*'),
    'cannot RESTORE e.* from a backup of individual tables (use SHOW BACKUP to determine available tables)',
  ],
])('refuses %s', (_, targets, message) => {
  expect(() => resolveTargets(BACKUP, targets, WHOLE, CONTEXT)).toThrow(PREFIX + message);
});

test('before format 1 every database counts as whole', () => {
  const coverage = { formatVersion: 0, completeDbs: [] };
  expect(ids(resolveTargets(BACKUP, databases('e'), coverage, CONTEXT))).toMatchObject({
    databases: [51],
    tables: [55],
  });
});
