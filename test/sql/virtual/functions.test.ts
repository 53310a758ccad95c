import { functionEntries } from '../../../sql/virtual/pg-catalog/pg-proc';

/** pg_proc lists what can be called. */

const byName = (name: string) => functionEntries().filter((fn) => fn.name === name);

test('every function has an OID of its own and a name that can be written', () => {
  const oids = functionEntries().map((fn) => fn.oid);
  expect(oids.filter((oid, i) => oids.indexOf(oid) !== i)).toEqual([]);
  expect(functionEntries().filter((fn) => !/^\w+$/.test(fn.name))).toEqual([]);
});

test.each([
  ['now', 'pg_catalog', 'f'],
  ['pg_get_viewdef', 'pg_catalog', 'f'],
  ['lower', 'pg_catalog', 'f'],
  ['node_id', 'crdb_internal', 'f'],
  ['_pg_char_max_length', 'information_schema', 'f'],
  ['sum', 'pg_catalog', 'a'],
  ['row_number', 'pg_catalog', 'w'],
])('%s is there', (name, schema, kind) => {
  expect(byName(name)[0]).toMatchObject({ schema, kind });
});

test('set-returning functions say so', () => {
  expect(byName('generate_series').every((fn) => fn.returnsSet)).toBe(true);
  expect(byName('lower').some((fn) => fn.returnsSet)).toBe(false);
});
