import fc from 'fast-check';
import { type Harness, makeHarness, SESSION } from '../support/harness';

/** Builtins against answers that are computed in another way. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});
beforeEach(() => {
  db.session = SESSION;
});

const one = (sql: string, ...parameters: string[]): string => db.rows(sql, ...parameters).join();
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((s) => !s.includes('\0'));
const bits = fc.string({ unit: fc.constantFrom('0', '1'), minLength: 1, maxLength: 64 });
const runs = { numRuns: 60 };

test('bytes and texts go to hex and base64 and back', () => {
  fc.assert(
    fc.property(text, (value) => {
      const hex = Buffer.from(value).toString('hex');
      expect(one("SELECT encode($1::STRING::BYTES, 'hex')", value)).toBe(hex);
      const back =
        "SELECT convert_from(decode(encode($1::STRING::BYTES, 'base64'), 'base64'), 'utf8')";
      expect(db.run(back, value).rows).toEqual([[value]]);
    }),
    runs,
  );
});

test('bit strings calculate as integers do', () => {
  fc.assert(
    fc.property(bits, fc.nat(70), (a, n) => {
      const size = a.length;
      const number = BigInt(`0b${a}`);
      const other = a.split('').reverse().join('');
      const show = (value: bigint): string =>
        BigInt.asUintN(size, value).toString(2).padStart(size, '0');
      const sql = 'SELECT $1::VARBIT & $2::VARBIT, $1::VARBIT # $2::VARBIT, ~ $1::VARBIT';
      const second = BigInt(`0b${other}`);
      expect(one(sql, a, other)).toBe(
        [number & second, number ^ second, ~number].map(show).join('|'),
      );
      expect(one('SELECT $1::VARBIT << $2::INT, $1::VARBIT >> $2::INT', a, String(n))).toBe(
        [number << BigInt(n), number >> BigInt(n)].map(show).join('|'),
      );
    }),
    runs,
  );
});

test('integers are the same after BIT(64) and back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(one('SELECT $1::INT::BIT(64)::INT', String(value))).toBe(String(value));
    }),
    runs,
  );
});

test('a ULID is its UUID', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(one('SELECT ulid_to_uuid(uuid_to_ulid($1::UUID))', uuid)).toBe(uuid);
    }),
    runs,
  );
});

test('the edit distance is a metric', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      const distance = (x: string, y: string): number =>
        Number(one('SELECT levenshtein($1::STRING, $2::STRING)', x, y));
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
      expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
    }),
    runs,
  );
});

test('addresses move and measure', () => {
  const byte = fc.nat(255);
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), fc.integer({ min: -1e6, max: 1e6 }), (ip, by) => {
      const number = ip.reduce((sum, part) => sum * 256 + part, 0) + by;
      if (number < 0 || number >= 2 ** 32) return;
      const address = ip.join('.');
      const moved = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
      expect(one('SELECT $1::INET + $2::INT', address, String(by))).toBe(moved);
      expect(one('SELECT $1::INET - $2::INET', moved, address)).toBe(String(by));
    }),
    runs,
  );
});

test('width_bucket agrees with the definition', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -20, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      (value, count) => {
        const expected =
          value < 0 ? 0 : value >= 20 ? count + 1 : Math.floor((value * count) / 20) + 1;
        const sql = 'SELECT width_bucket($1::INT, 0, 20, $2::INT)';
        expect(one(sql, String(value), String(count))).toBe(String(expected));
      },
    ),
    runs,
  );
});

test('strftime and strptime undo each other', () => {
  const format = '%Y-%m-%d %H:%M:%S.%f';
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        const stamp = date.toISOString().replace('T', ' ').replace('Z', '000');
        expect(one('SELECT experimental_strftime($1::TIMESTAMP, $2::STRING)', stamp, format)).toBe(
          stamp,
        );
        const back = 'SELECT experimental_strptime($1::STRING, $2::STRING) = $1::TIMESTAMPTZ';
        expect(one(back, stamp, format)).toBe('t');
      },
    ),
    runs,
  );
});

test('a point is the same after text, binary and GeoJSON', () => {
  const coordinate = fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 1024);
  fc.assert(
    fc.property(coordinate, coordinate, (x, y) => {
      const point = `SRID=4326;POINT (${x} ${y})`;
      const sql =
        'SELECT st_asewkt(st_geomfromewkb(st_asewkb($1::GEOMETRY))), st_x($1::GEOMETRY) = $2::FLOAT, ' +
        'st_asewkt(st_geomfromgeojson(st_asgeojson($1::GEOMETRY, -1)))';
      expect(one(sql, point, String(x))).toBe(`${point}|t|${point}`);
    }),
    runs,
  );
});
