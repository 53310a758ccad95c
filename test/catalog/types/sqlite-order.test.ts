import Database from 'better-sqlite3';
import fc from 'fast-check';
import { compileKeyEncoder } from '../../../backup/format/datum/key-encoder';
import { ByteWriter } from '../../../base/byte-writer';
import { arrayToRepr } from '../../../catalog/types/array';
import { orderBy } from '../../../catalog/types/order-by';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { arrayOf, INTERVAL, sqliteColumn } from '../../../catalog/types/table';
import { typeName } from '../../../catalog/types/type-name';
import { VALUES } from '../support/values';

/**
 * The order of a type is that of its key encoding, which is CockroachDB's. These properties store pairs of values in
 * a real STRICT table and let SQLite compare them.
 */

const db = new Database(':memory:');

/** -1, 0 or 1 by SQLite, of two values in columns of the type. */
function compileCompare(type: SqlType): (a: Repr, b: Repr) => number {
  const { type: column, collate } = sqliteColumn(type);
  const suffix = collate === undefined ? '' : ` COLLATE ${collate}`;
  const table = `t${Math.random().toString(36).slice(2)}`;
  db.exec(`CREATE TABLE ${table} (a ${column}${suffix}, b ${column}${suffix}) STRICT`);
  const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?)`);
  const select = db.prepare(`SELECT (a > b) - (a < b) AS c, (a = b) AS e FROM ${table}`).raw();
  const clear = db.prepare(`DELETE FROM ${table}`);
  const ordering = orderBy(type);
  const keyOf = ordering.kind === 'key' ? ordering.key : (value: Repr) => value;
  return (a, b) => {
    clear.run();
    insert.run(keyOf(a), keyOf(b));
    const [order, equal] = select.get() as [number, number];
    expect(equal).toBe(order === 0 ? 1 : 0);
    return order;
  };
}

function keyBytes(type: SqlType, value: Repr): Buffer {
  const writer = new ByteWriter();
  compileKeyEncoder(type, false)(writer, value);
  return Buffer.from(writer.toBytes());
}

/** Descending keys order the other way round. */
function descendingBytes(type: SqlType, value: Repr): Buffer {
  const writer = new ByteWriter();
  compileKeyEncoder(type, true)(writer, value);
  return Buffer.from(writer.toBytes());
}

/** Intervals of equal length are equal in SQL; their keys go on with months and days. */
function sqlEqual(type: SqlType, a: Repr, b: Repr): boolean {
  return type.family === 'interval' && (a as string).slice(0, 24) === (b as string).slice(0, 24);
}

describe('SQLite compares as keys do', () => {
  test.each(VALUES.map(([type, values]) => ({ name: typeName(type), type, values })))(
    '$name',
    ({ type, values }) => {
      const compare = compileCompare(type);
      fc.assert(
        fc.property(values, values, (a, b) => {
          const wanted = sqlEqual(type, a, b)
            ? 0
            : Math.sign(Buffer.compare(keyBytes(type, a), keyBytes(type, b)));
          expect(compare(a, b)).toBe(wanted);
          expect(compare(a, a)).toBe(0);
          if (!sqlEqual(type, a, b))
            expect(
              Math.sign(Buffer.compare(descendingBytes(type, a), descendingBytes(type, b))),
            ).toBe(-wanted || 0);
        }),
        { numRuns: 150 },
      );
    },
  );

  test.each(
    VALUES.filter(([type]) => type !== INTERVAL).map(([type, values]) => ({
      name: typeName(arrayOf(type)),
      type: arrayOf(type),
      values,
    })),
  )('$name', ({ type, values }) => {
    const compare = compileCompare(type);
    const arrays = fc
      .array(fc.oneof(values, fc.constant(null)), { maxLength: 3 })
      .map((items) => arrayToRepr(type, items));
    fc.assert(
      fc.property(arrays, arrays, (a, b) => {
        const wanted = Math.sign(Buffer.compare(keyBytes(type, a), keyBytes(type, b)));
        expect(compare(a, b)).toBe(wanted);
      }),
      { numRuns: 60 },
    );
  });
});

test('what SQLite stores comes back the same', () => {
  const columns = VALUES.map(([type], i) => {
    const { type: column, collate } = sqliteColumn(type);
    return `c${i} ${column}${collate === undefined ? '' : ` COLLATE ${collate}`}`;
  });
  db.exec(`CREATE TABLE stored (${columns.join(', ')}) STRICT`);
  const insert = db.prepare(`INSERT INTO stored VALUES (${columns.map(() => '?').join(', ')})`);
  const select = db.prepare('SELECT * FROM stored').raw().safeIntegers();
  const row = fc.tuple(...VALUES.map(([, values]) => values));
  fc.assert(
    fc.property(row, (values) => {
      db.exec('DELETE FROM stored');
      insert.run(...values);
      const back = select.get() as Repr[];
      const same = (value: Repr): unknown => {
        if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
        return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
      };
      expect(back.map(same)).toEqual(values.map(same));
    }),
    { numRuns: 100 },
  );
});
