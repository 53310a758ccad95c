import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wallNanos } from '../../base/clock';
import { CatalogManager, initializeCatalog, writeDescriptor } from '../../catalog/catalog-manager';
import { DEFAULTDB_ID } from '../../catalog/constants';
import { ALL_ROLES, grantedByDefault, publicUsesTypes } from '../../catalog/default-privileges';
import { maskOf } from '../../catalog/privileges';
import { moveDefaultPrivileges } from '../../catalog/upgrade-store';
import { openStore } from '../../storage/ranges/store';
import { schema } from './support/descriptors';

const directory = mkdtempSync(join(tmpdir(), 'ootheca-test-'));
const store = openStore(directory, { durability: 'none', initialize: initializeCatalog });
const db = store.connect();

afterAll(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

const move = (): void => db.transaction(() => moveDefaultPrivileges(db, wallNanos()))();

function holder(id: number) {
  const union = new CatalogManager(db).snapshot().entry(id)?.descriptor.union;
  if (union?.case === 'database' || union?.case === 'schema') return union.value;
  throw new Error(`no database or schema ${id}`);
}

test('default privileges that an earlier program kept in a table go into the descriptors', () => {
  writeDescriptor(db, schema(60, DEFAULTDB_ID, 's'), 1n);
  db.exec(`CREATE TABLE default_privileges (database_id INTEGER NOT NULL, schema_id INTEGER NOT NULL, role TEXT NOT NULL,
    object_type TEXT NOT NULL, grantee TEXT NOT NULL, mask INTEGER NOT NULL)`);
  const insert = db.prepare('INSERT INTO default_privileges VALUES (?, ?, ?, ?, ?, ?)');
  insert.run(DEFAULTDB_ID, 0, 'bob', 'tables', 'ann', maskOf(['SELECT', 'INSERT']));
  insert.run(DEFAULTDB_ID, 0, '', 'types', 'public', 0);
  insert.run(DEFAULTDB_ID, 60, 'bob', 'sequences', 'ann', maskOf(['ALL']));
  insert.run(999, 0, 'bob', 'tables', 'ann', maskOf(['ALL']));
  const { version } = holder(DEFAULTDB_ID);
  move();
  expect(grantedByDefault(holder(DEFAULTDB_ID), 'bob', 'tables')).toEqual([
    { user: 'ann', mask: maskOf(['SELECT', 'INSERT']) },
  ]);
  expect(publicUsesTypes(holder(DEFAULTDB_ID), ALL_ROLES)).toBe(false);
  expect(grantedByDefault(holder(60), 'bob', 'sequences')).toEqual([
    { user: 'ann', mask: maskOf(['ALL']) },
  ]);
  expect(holder(DEFAULTDB_ID).version).toBe(version + 1);
  move();
  expect(holder(DEFAULTDB_ID).version).toBe(version + 1);
});
