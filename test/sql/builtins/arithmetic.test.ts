import fc from 'fast-check';
import { decimalText, parseDecimal } from '../../../catalog/types/decimal';
import {
  add,
  compare,
  decFromRepr,
  decToRepr,
  divide,
  finite,
  multiply,
  quantize,
} from '../../../sql/builtins/decimal-math';
import { type Harness, makeHarness } from '../support/harness';

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const near = fc.oneof(int64, fc.bigInt({ min: -5n, max: 5n }));
const inRange = (value: bigint): boolean => value >= -(2n ** 63n) && value < 2n ** 63n;
const answer = (sql: string, ...values: bigint[]): string => {
  try {
    return db.rows(sql, ...values.map(String)).join();
  } catch (error) {
    return (error as { sqlstate: string }).sqlstate;
  }
};

test('integer + - * are exact or an error', () => {
  fc.assert(
    fc.property(near, near, near, (a, b, c) => {
      for (const [op, exact] of [
        ['+', a + b],
        ['-', a - b],
        ['*', a * b],
      ] as const) {
        const expected = inRange(exact) ? String(exact) : '22003';
        expect(answer(`SELECT $1::INT ${op} $2::INT`, a, b)).toBe(expected);
      }
      // A chain is checked at its root: an overflow inside is an error even where the whole would fit.
      const sum = inRange(a + b) && inRange(a + b - c) ? String(a + b - c) : '22003';
      expect(answer('SELECT $1::INT + $2::INT - $3::INT', a, b, c)).toBe(sum);
    }),
    { numRuns: 150 },
  );
});

test('// and % by a constant, which is a part of the SQL, are the same', () => {
  const constant = fc.oneof(near, fc.bigInt({ min: 1n, max: 2n ** 53n }));
  fc.assert(
    fc.property(near, constant, (a, b) => {
      const by = `(${b})`;
      const quotient = b === 0n ? '22012' : inRange(a / b) ? String(a / b) : '22003';
      expect(answer(`SELECT $1::INT // ${by}`, a)).toBe(quotient);
      expect(answer(`SELECT $1::INT % ${by}`, a)).toBe(b === 0n ? '22012' : String(a % b));
      const sum = inRange(a + 1n) ? String((a + 1n) / 7n) : '22003';
      expect(answer('SELECT ($1::INT + 1) // 7', a)).toBe(sum);
    }),
    { numRuns: 100 },
  );
  expect(db.rows('SELECT NULL::INT % 3, NULL::INT // 3').join()).toBe(
    db.rows('SELECT NULL::INT, NULL::INT').join(),
  );
});

test('// and % truncate towards zero', () => {
  fc.assert(
    fc.property(near, near, (a, b) => {
      const quotient = b === 0n ? '22012' : inRange(a / b) ? String(a / b) : '22003';
      expect(answer('SELECT $1::INT // $2::INT', a, b)).toBe(quotient);
      expect(answer('SELECT $1::INT % $2::INT', a, b)).toBe(b === 0n ? '22012' : String(a % b));
    }),
    { numRuns: 100 },
  );
});

test('SUM and AVG of INT are exact beyond 64 bits', () => {
  fc.assert(
    fc.property(fc.array(int64, { minLength: 1, maxLength: 20 }), (values) => {
      const rows = values.map((value) => `('${value}'::INT)`).join(', ');
      const total = values.reduce((a, b) => a + b, 0n);
      const average = decimalText(
        decToRepr(divide(finite(total, 0), finite(BigInt(values.length), 0))),
      );
      expect(db.rows(`SELECT sum(x), avg(x) FROM (VALUES ${rows}) AS v(x)`)).toEqual([
        `${total}|${average}`,
      ]);
    }),
    { numRuns: 50 },
  );
});

const dec = fc.record({
  coefficient: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  exponent: fc.integer({ min: -40, max: 20 }),
});

/** Over a common denominator of 10^80. */
const scaled = ({ coefficient, exponent }: { coefficient: bigint; exponent: number }): bigint =>
  coefficient * 10n ** BigInt(exponent + 80);

test('decimal sums and products are exact', () => {
  fc.assert(
    fc.property(dec, dec, (x, y) => {
      const a = finite(x.coefficient, x.exponent);
      const b = finite(y.coefficient, y.exponent);
      expect(scaled(add(a, b))).toBe(scaled(a) + scaled(b));
      const product = multiply(a, b);
      expect(product.coefficient * 10n ** BigInt(product.exponent + 160)).toBe(
        scaled(a) * scaled(b),
      );
      expect(compare(a, b)).toBe(scaled(a) < scaled(b) ? -1 : scaled(a) > scaled(b) ? 1 : 0);
      expect(decFromRepr(decToRepr(a))).toEqual(x.coefficient === 0n ? expect.anything() : a);
    }),
  );
});

test('decimal quotients are the nearest of 20 digits', () => {
  fc.assert(
    fc.property(dec, dec, (x, y) => {
      fc.pre(y.coefficient !== 0n);
      const a = finite(x.coefficient, x.exponent);
      const b = finite(y.coefficient, y.exponent);
      const q = divide(a, b);
      expect(q.coefficient.toString().replace('-', '').length).toBeLessThanOrEqual(20);
      // |q·b - a| is at most half a unit of q's last digit, times |b|; all scaled by 10^400.
      const power = (exponent: number): bigint => 10n ** BigInt(exponent + 400);
      const unit = power(q.exponent + b.exponent);
      const error = q.coefficient * b.coefficient * unit - a.coefficient * power(a.exponent);
      const size = (value: bigint): bigint => (value < 0n ? -value : value);
      expect(size(error) * 2n <= size(b.coefficient) * unit).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['1.00', '2', '0.50'],
  ['6', '3', '2'],
  ['100', '4', '25'],
  ['1', '8', '0.125'],
  ['0.00', '5', '0.00'],
  ['2', '3', '0.66666666666666666667'],
  ['41080925548998060120450000000', '-1', '-4.1080925548998060120E+28'],
  ['99999999999999999999.6', '1', '1.0000000000000000000E+20'],
  ['12345678901234567890123', '1', '1.2345678901234567890E+22'],
])('%s / %s = %s', (a, b, text) => {
  expect(
    decimalText(decToRepr(divide(decFromRepr(parseDecimal(a)), decFromRepr(parseDecimal(b))))),
  ).toBe(text);
});

test('rounding modes', () => {
  const of = (text: string, mode: Parameters<typeof quantize>[2]): string =>
    decimalText(decToRepr(quantize(decFromRepr(parseDecimal(text)), 0, mode)));
  const texts = ['2.5', '-2.5', '3.5', '2.4', '-0.001'];
  expect(texts.map((text) => of(text, 'half-up'))).toEqual(['3', '-3', '4', '2', '0']);
  expect(texts.map((text) => of(text, 'half-even'))).toEqual(['2', '-2', '4', '2', '0']);
  expect(texts.map((text) => of(text, 'floor'))).toEqual(['2', '-3', '3', '2', '-1']);
  expect(texts.map((text) => of(text, 'ceiling'))).toEqual(['3', '-2', '4', '3', '0']);
});
