import { CatalogSnapshot } from '../../../catalog/snapshot';
import { arrayToRepr } from '../../../catalog/types/array';
import type { Repr } from '../../../catalog/types/sql-type';
import { INT2VECTOR, OIDVECTOR } from '../../../catalog/types/table';
import { nameKey, splitQualifiedName } from '../../../sql/bind/qualified-names';
import { functionRows } from '../../../sql/builtins/registry';
import { textEncoder } from '../../../sql/builtins/repr';
import { plainExpression } from '../../../sql/virtual/definitions';
import { hashOid, indexOid, namespaceOid } from '../../../sql/virtual/oids';
import { SYSTEM_TABLES, systemTableByOid, systemTableNamed } from '../../../sql/virtual/registry';

const EMPTY = new CatalogSnapshot(1, []);

test.each([
  ['n > 10:::INT8', 'n > 10'],
  [`'a:::INT8':::STRING`, `'a:::INT8'`],
  ['0:::DECIMAL(12,2)', '0'],
  ['ARRAY[1:::INT8]:::INT8[]', 'ARRAY[1]'],
  [`"x:::INT8" = 1:::INT8`, `"x:::INT8" = 1`],
])('%s is shown as %s', (stored, shown) => {
  expect(plainExpression(stored, EMPTY)).toBe(shown);
});

test('OIDs are the same for the same object, and above all descriptor ids', () => {
  expect(indexOid(52, 1)).toBe(indexOid(52, 1));
  const oids = [indexOid(52, 1), indexOid(521, 1), indexOid(52, 11), namespaceOid(52, 'a')];
  expect(new Set(oids).size).toBe(oids.length);
  for (const oid of [...oids, hashOid('x')]) expect(oid).toBeGreaterThanOrEqual(2 ** 31);
});

test('system tables have names and numbers of their own', () => {
  const names = SYSTEM_TABLES.map(({ schema, name }) => `${schema}.${name}`);
  expect(new Set(names).size).toBe(names.length);
  for (const table of SYSTEM_TABLES) {
    expect(systemTableNamed(table.schema, table.name)).toBe(table);
    expect(systemTableByOid(table.oid)).toBe(table);
  }
});

function callUdf(name: string, count: number, ...args: Repr[]): Repr {
  const row = functionRows(name).find((candidate) => candidate.args.length === count);
  if (row?.body.kind !== 'udf') throw new Error(`no function ${name}`);
  return (row.body.fn as (...values: Repr[]) => Repr)(...args);
}

test.each([
  [20n, -1n, 'bigint'],
  [1043n, 24n, 'character varying(20)'],
  [1700n, (12n << 16n) + 2n + 4n, 'numeric(12,2)'],
  [1231n, (12n << 16n) + 2n + 4n, 'numeric(12,2)[]'],
  [1114n, 3n, 'timestamp(3) without time zone'],
  [1560n, 5n, 'bit(5)'],
  [25n, 14n, 'text'],
  [0n, -1n, '-'],
  [99_999n, null, 'unknown (OID=99999)'],
])('format_type(%s, %s) is %s', (oid, modifier, name) => {
  expect(callUdf('format_type', 2, oid, modifier)).toBe(name);
});

test.each([
  [0n, '0 bytes'],
  [10_239n, '10239 bytes'],
  [10_240n, '10 kB'],
  [10_485_760n, '10 MB'],
])('pg_size_pretty(%s) is %s', (bytes, text) => {
  expect(callUdf('pg_size_pretty', 1, bytes)).toBe(text);
});

test('vectors print without braces', () => {
  expect(textEncoder(INT2VECTOR)(arrayToRepr(INT2VECTOR, [1n, 3n]))).toBe('1 3');
  expect(textEncoder(OIDVECTOR)(arrayToRepr(OIDVECTOR, []))).toBe('');
});

test('a name has one key, however it is written', () => {
  expect(nameKey(splitQualifiedName('Public."a.b"'))).toBe('"public"."a.b"');
  expect(nameKey(splitQualifiedName('"public"."a.b"'))).toBe(nameKey(['public', 'a.b']));
});
