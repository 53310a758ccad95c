import Database from 'better-sqlite3';
import fc from 'fast-check';
import { compileKeyEncoder } from '../../../backup/format/datum/key-encoder';
import { ByteWriter } from '../../../base/byte-writer';
import { arrayToRepr } from '../../../catalog/types/array';
import { box2dToRepr } from '../../../catalog/types/box2d';
import { decimalToRepr } from '../../../catalog/types/decimal';
import { floatToRepr } from '../../../catalog/types/float';
import { intervalToRepr } from '../../../catalog/types/interval';
import { orderBy } from '../../../catalog/types/order-by';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  BOX2D,
  BYTES,
  DATE,
  DECIMAL,
  enumType,
  FLOAT8,
  INET,
  INT8,
  INTERVAL,
  OID,
  STRING,
  sqliteColumn,
  TIME,
  TIMESTAMP,
  TIMETZ,
  UUID,
  VARBIT,
} from '../../../catalog/types/table';
import { timetzToRepr } from '../../../catalog/types/timetz';
import { typeName } from '../../../catalog/types/type-name';

/**
 * The order of a type is that of its key encoding, which is CockroachDB's. These properties store pairs of values in
 * a real STRICT table and let SQLite compare them.
 */

const bytesOf = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max });
const shortBytes = fc.oneof(
  bytesOf(0, 6),
  fc.array(fc.constantFrom(0, 1, 0xff), { maxLength: 4 }).map((a) => Uint8Array.from(a)),
);
const int64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.integer({ min: -300, max: 300 }),
);
const float = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, Number.NaN, Infinity, -Infinity));
const coefficient = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 25n }),
  fc.constantFrom(0n, 1n, 10n, 100n, 99n, 990n, 1000n),
);
const decimal = fc.oneof(
  fc
    .record({ negative: fc.boolean(), coefficient, exponent: fc.integer({ min: -45, max: 45 }) })
    .map((parts) => decimalToRepr({ form: 'finite', ...parts })),
  fc.constantFrom('!', '"', 'z'),
);
const interval = fc
  .record({
    months: fc.integer({ min: -40, max: 40 }),
    days: fc.integer({ min: -1300, max: 1300 }),
    micros: fc.oneof(
      fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
      fc.constantFrom(0n, 86_400_000_000n, -86_400_000_000n),
    ),
  })
  .map(intervalToRepr);
// A box with -0 orders just below the one with 0; CockroachDB calls them equal.
const bound = fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value));

const mood = enumType({
  id: 1,
  arrayOid: 100_002,
  databaseName: '',
  schemaName: '',
  name: 'mood',
  members: [],
});

const VALUES: readonly (readonly [SqlType, fc.Arbitrary<Repr>])[] = [
  [BOOL, fc.constantFrom(0, 1)],
  [INT8, int64],
  [OID, fc.integer({ min: 0, max: 0xffffffff })],
  [FLOAT8, float.map(floatToRepr)],
  [DECIMAL, decimal],
  [
    DATE,
    fc.oneof(
      fc.integer({ min: -2_000_000, max: 2_000_000 }),
      fc.constantFrom(2n ** 53n, -(2n ** 53n)),
    ),
  ],
  [TIME, fc.integer({ min: 0, max: 86_400_000_000 })],
  [
    TIMETZ,
    fc
      .tuple(
        fc.oneof(fc.integer({ min: 0, max: 86_400_000_000 }), fc.constant(43_200_000_000)),
        fc.oneof(fc.integer({ min: -57_599, max: 57_599 }), fc.constantFrom(-3600, 0, 3600)),
      )
      .map(([micros, west]) => timetzToRepr(micros, west)),
  ],
  [TIMESTAMP, fc.bigInt({ min: -(2n ** 57n), max: 9_223_371_331_200_000_000n - 1n })],
  [INTERVAL, interval],
  [STRING, fc.oneof(fc.string({ unit: 'binary', maxLength: 5 }), fc.string({ maxLength: 3 }))],
  [BYTES, shortBytes],
  [UUID, bytesOf(16, 16)],
  [VARBIT, fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 70 })],
  [VARBIT, fc.integer({ min: 60, max: 140 }).map((count) => '0'.repeat(count))],
  [
    INET,
    fc.oneof(
      bytesOf(4, 4).map((a) => Uint8Array.of(0, 24, ...a)),
      bytesOf(16, 16).map((a) => Uint8Array.of(1, 64, ...a)),
    ),
  ],
  [mood, shortBytes.filter((bytes) => bytes.length > 0)],
  [
    BOX2D,
    fc
      .tuple(bound, bound, bound, bound)
      .map(([loX, hiX, loY, hiY]) => box2dToRepr({ loX, hiX, loY, hiY })),
  ],
];

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
