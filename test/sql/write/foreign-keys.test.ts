import { Tables } from './support/tables';

/** Foreign keys: when they hold, what their actions do, and the words of their errors. */

const parent = {
  columns: ['id INT8 NOT NULL', 'a INT8', 'b INT8'],
  unique: { ab: { columns: ['a', 'b'] } },
};

const child = (about: object, more: object = {}) => ({
  columns: ['id INT8 NOT NULL', 'pid INT8 DEFAULT 9:::INT8', 'a INT8', 'b INT8'],
  foreignKeys: { fk: { columns: ['pid'], table: 'parent', references: ['id'], ...about }, ...more },
});

async function tables(about: object, more: object = {}): Promise<Tables> {
  const db = await Tables.make({ parent, child: child(about, more) });
  db.run('INSERT INTO parent VALUES (1, 1, 1), (2, 2, 2), (9, NULL, NULL)');
  db.run('INSERT INTO child (id, pid) VALUES (10, 1), (11, 1), (12, 2), (13, NULL)');
  return db;
}

const children = (db: Tables): string[] => db.run('SELECT id, pid FROM child ORDER BY id');

test('what refers to nothing is refused', async () => {
  const db = await tables({});
  expect(db.error('INSERT INTO child (id, pid) VALUES (14, 99)')).toBe(
    '23503 insert on table "child" violates foreign key constraint "fk"\nKey (pid)=(99) is not present in table "parent".\nfk',
  );
  expect(db.error('UPDATE child SET pid = 99 WHERE id = 13')).toContain('update on table "child"');
  expect(db.error('UPSERT INTO child (id, pid) VALUES (14, 99)')).toContain('upsert on table');
  expect(db.error('DELETE FROM parent WHERE id = 1')).toBe(
    '23503 delete on table "parent" violates foreign key constraint "fk" on table "child"\nKey (id)=(1) is still referenced from table "child".\nfk',
  );
  expect(db.error('UPDATE parent SET id = 5 WHERE id = 1')).toContain('update on table "parent"');
  expect(db.affected('UPDATE parent SET a = 5 WHERE id = 1')).toBe(1);
  expect(db.affected('DELETE FROM parent WHERE id = 9')).toBe(1);
});

test('keys are looked at when the statement is done', async () => {
  const db = await tables({});
  // 2 goes to 3 and 1 to 2, in this order: 2 is there again at the end.
  expect(db.error('UPDATE parent SET id = id + 1 WHERE id < 9 ORDER BY id DESC LIMIT 2')).toContain(
    'Key (id)=(1) is still referenced',
  );
  db.run('DELETE FROM child WHERE pid = 1');
  expect(db.affected('UPDATE parent SET id = id + 1 WHERE id < 9 ORDER BY id DESC LIMIT 2')).toBe(
    2,
  );
});

test('CASCADE', async () => {
  const db = await tables({ onDelete: 'cascade', onUpdate: 'cascade' });
  expect(db.affected('DELETE FROM parent WHERE id = 1')).toBe(1);
  expect(children(db)).toEqual(['12|2', '13|NULL']);
  db.run('UPDATE parent SET id = 3 WHERE id = 2');
  expect(children(db)).toEqual(['12|3', '13|NULL']);
  db.run('INSERT INTO parent (id, a, b) VALUES (3, 5, 5) ON CONFLICT (id) DO UPDATE SET id = 4');
  expect(children(db)).toEqual(['12|4', '13|NULL']);
});

test('SET NULL and SET DEFAULT', async () => {
  const nulled = await tables({ onDelete: 'set null', onUpdate: 'set default' });
  nulled.run('DELETE FROM parent WHERE id = 1');
  nulled.run('UPDATE parent SET id = 3 WHERE id = 2');
  expect(children(nulled)).toEqual(['10|NULL', '11|NULL', '12|9', '13|NULL']);
  nulled.run('DELETE FROM child');
  nulled.run('INSERT INTO child (id, pid) VALUES (1, 3)');
  nulled.run('DELETE FROM parent WHERE id = 9');
  // The default has to be there as well.
  expect(nulled.error('UPDATE parent SET id = 4 WHERE id = 3')).toContain(
    'Key (pid)=(9) is not present in table "parent"',
  );
});

test('MATCH SIMPLE lets partly NULL keys pass, MATCH FULL does not', async () => {
  const key = { columns: ['a', 'b'], table: 'parent', references: ['a', 'b'] };
  const db = await tables({}, { simple: key });
  expect(db.affected('INSERT INTO child (id, pid, a) VALUES (20, 1, 77)')).toBe(1);
  expect(db.error('INSERT INTO child (id, pid, a, b) VALUES (21, 1, 1, 2)')).toContain(
    'Key (a, b)=(1, 2) is not present',
  );
  const full = await tables({}, { full: { ...key, matchFull: true } });
  expect(full.error('INSERT INTO child (id, pid, a) VALUES (20, 1, 77)')).toBe(
    '23503 insert on table "child" violates foreign key constraint "full"\nMATCH FULL does not allow mixing of null and nonnull key values.\nfull',
  );
  expect(full.affected('INSERT INTO child (id, pid) VALUES (20, 1)')).toBe(1);
});

test('a table that refers to itself', async () => {
  const tree = {
    columns: ['id INT8 NOT NULL', 'up INT8'],
    foreignKeys: {
      up: { columns: ['up'], table: 'tree', references: ['id'], onDelete: 'cascade' as const },
    },
  };
  const db = await Tables.make({ tree });
  expect(db.affected('INSERT INTO tree VALUES (3, 2), (2, 1), (1, NULL), (4, 4)')).toBe(4);
  expect(db.error('INSERT INTO tree VALUES (5, 6), (7, 5)')).toContain('Key (up)=(6)');
  expect(db.affected('DELETE FROM tree WHERE id = 1')).toBe(1);
  expect(db.run('SELECT id FROM tree')).toEqual(['4']);
  expect(db.affected('DELETE FROM tree')).toBe(1);
});

test('actions go on through several tables, and their rows are checked', async () => {
  const b = {
    columns: ['id INT8 NOT NULL', 'aid INT8 NOT NULL'],
    foreignKeys: {
      a: { columns: ['aid'], table: 'a', references: ['id'], onDelete: 'cascade' as const },
    },
  };
  const c = {
    columns: ['id INT8 NOT NULL', 'bid INT8 NOT NULL'],
    foreignKeys: {
      b: { columns: ['bid'], table: 'b', references: ['id'], onDelete: 'set null' as const },
    },
  };
  const db = await Tables.make({ a: { columns: ['id INT8 NOT NULL'] }, b, c });
  db.run('INSERT INTO a VALUES (1), (2)');
  db.run('INSERT INTO b VALUES (1, 1), (2, 2)');
  db.run('INSERT INTO c VALUES (1, 1)');
  expect(db.error('DELETE FROM a WHERE id = 1')).toBe(
    '23502 null value in column "bid" violates not-null constraint',
  );
  expect(db.affected('DELETE FROM a WHERE id = 2')).toBe(1);
  expect(db.run('SELECT id FROM b')).toEqual(['1']);
});
