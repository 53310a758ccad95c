import Database from 'better-sqlite3';
import { isLayerEnd, noteLayerEnd } from '../../../storage/ranges/layer-ends';
import { CATALOG_TABLE_ID } from '../../../storage/ranges/pushed-writes';
import { createMetaTables } from '../../../storage/ranges/store-schema';

test('ends of layers are known for as long as somebody can go on from them', () => {
  const db = new Database(':memory:');
  createMetaTables(db, 'cluster', 0);
  const info = (): unknown => db.prepare('SELECT count(*) FROM store_info').pluck().get();
  const before = info() as number;
  for (const time of [5n, 40n, 300n]) noteLayerEnd(db, time);
  const known = (): bigint[] => [4n, 5n, 6n, 40n, 300n, 1000n].filter((t) => isLayerEnd(db, t));
  expect(known()).toEqual([5n, 40n, 300n]);
  db.prepare('INSERT INTO collected VALUES (?, ?)').run(CATALOG_TABLE_ID, 40);
  noteLayerEnd(db, 1000n);
  expect(known()).toEqual([40n, 300n, 1000n]);
  // Nothing else was forgotten.
  expect(info()).toBe(before + 3);
});
