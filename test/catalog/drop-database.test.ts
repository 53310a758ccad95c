import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wallNanos } from '../../base/clock';

import { CatalogManager, initializeCatalog, writeDescriptor } from '../../catalog/catalog-manager';
import type { Descriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { dropDatabase } from '../../catalog/drop-database';
import { physicalTable } from '../../catalog/physical';
import type { Connection } from '../../storage/ranges/connection';
import { createPhysicalTable, listPhysicalTables } from '../../storage/ranges/physical-table';
import { insertRanges, rangesOfTable } from '../../storage/ranges/ranges';
import { openStore, type Store } from '../../storage/ranges/store';
import { database, enumType, schema, type TableInit, table } from './support/descriptors';

let directory: string;
let store: Store;
let db: Connection;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-test-'));
  store = openStore(directory, { durability: 'none', initialize: initializeCatalog });
  db = store.connect();
});

afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

function write(...descriptors: Descriptor[]): void {
  for (const descriptor of descriptors) {
    writeDescriptor(db, descriptor, 1n);
    const { union } = descriptor;
    if (union.case === 'table') {
      createPhysicalTable(
        db,
        physicalTable(union.value, () => undefined),
      );
      const range = { startKey: Buffer.from('a'), endKey: Buffer.from('b'), source: '' };
      insertRanges(db, 1n, [{ ...range, tableId: union.value.id }]);
    }
  }
}

const drop = (name: string, behavior: 'cascade' | 'restrict' = 'cascade'): void =>
  dropDatabase(db, new CatalogManager(db).snapshot(), name, behavior, wallNanos());

test('drops all that is in it, and nothing else', () => {
  write(database(104, 'd'), schema(105, 104, 's'), table(106, 104, 't'));
  write(table(107, 104, 'u', { unexposedParentSchemaId: 105 }), enumType(108, 104, 'e', ['x']));
  write(database(109, 'other'), table(110, 109, 't'));
  drop('d');
  const left = [...new CatalogManager(db).snapshot().entries()].map(({ id }) => id);
  expect(left.sort((a, b) => a - b)).toEqual([1, 50, 51, 109, 110]);
  expect(listPhysicalTables(db)).toEqual(['t110']);
  expect([106, 107, 110].map((id) => rangesOfTable(db, id).length)).toEqual([0, 0, 1]);
});

test('RESTRICT drops an empty database only', () => {
  write(database(104, 'empty'), database(105, 'full'), table(106, 105, 't'));
  drop('empty', 'restrict');
  expect(() => drop('full', 'restrict')).toThrow(
    'database "full" is not empty and RESTRICT was specified',
  );
});

test.each<[string, TableInit, string]>([
  [
    'something is being restored into',
    { state: DescriptorState.OFFLINE },
    'cannot drop a database with OFFLINE objects, ensure d.public.t is dropped or made public before dropping database d',
  ],
  [
    'a foreign key of another database points into',
    { inboundFks: [{ name: 'fk', originTableId: 110, referencedTableId: 106 }] },
    'cannot drop relation "t" because "user" of another database depends on it',
  ],
  [
    'a view of another database reads',
    { dependedOnBy: [{ id: 110 }] },
    'cannot drop relation "t" because "user" of another database depends on it',
  ],
])('a database that %s is not dropped', (_, more, message) => {
  write(
    database(104, 'd'),
    table(106, 104, 't', more),
    database(109, 'o'),
    table(110, 109, 'user'),
  );
  expect(() => drop('d')).toThrow(message);
});

test('the system database stays', () => {
  expect(() => drop('system')).toThrow('cannot drop the system database');
});
