import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BEYOND_V21_2, coverageDocument } from '../../../sql/builtins/inventory/coverage';
import { inventory } from '../../../sql/builtins/inventory/inventory';
import { builtins } from '../../../sql/builtins/registry';
import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

test('docs/builtins.md is what the tables say', () => {
  const path = join(__dirname, '..', '..', '..', 'docs', 'builtins.md');
  expect(readFileSync(path, 'utf8')).toBe(coverageDocument());
});

test('no function is listed twice', () => {
  const names = inventory.map((fn) => fn.name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every function that is there is a function of v21.2', () => {
  const known = new Set([...inventory.map((fn) => fn.name), ...BEYOND_V21_2]);
  const internal = /[ _](key|relation|type)$| /;
  const unknown = builtins.map((row) => row.name).filter((name) => !known.has(name));
  expect([...new Set(unknown)].filter((name) => !internal.test(name)).sort()).toEqual([]);
});

test('refused by name, or unknown', () => {
  expect(db.error("SELECT st_buffer('POINT(1 1)'::GEOMETRY, 1.0::FLOAT)")).toMatch(
    /^0A000 .*st_buffer/,
  );
  expect(db.error('SELECT no_such_function(1)')).toBe('42883 unknown function: no_such_function()');
  expect(db.error('SELECT lower(1::INT)')).toBe('42883 unknown signature: lower(int)');
});
