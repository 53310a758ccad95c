import * as fc from 'fast-check';
import { decimalText, parseDecimal } from '../../../catalog/types/decimal';
import { makeHarness } from '../support/harness';

/** sum() of DECIMAL adds most values as numbers: it must be exact nevertheless, and keep the largest scale. */

interface Written {
  readonly coefficient: bigint;
  readonly scale: number;
}

const value: fc.Arbitrary<Written> = fc.record({
  coefficient: fc.oneof(
    fc.bigInt({ min: -1000n, max: 1000n }),
    fc.bigInt({ min: 0n, max: 10n ** 15n }),
    fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
    fc.constant(0n),
  ),
  scale: fc.constantFrom(0, 2, 2, 2, 3, 8),
});

/** Small values print with an exponent. */
const shownOf = (written: Written): string => decimalText(parseDecimal(textOf(written)));

function textOf({ coefficient, scale }: Written): string {
  const digits = (coefficient < 0n ? -coefficient : coefficient)
    .toString()
    .padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const sign = coefficient < 0n ? '-' : '';
  return sign + (scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`);
}

test('the exact sum', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), async (values) => {
      const rows = values.map((each) => [textOf(each)]);
      const harness = await makeHarness({ t: { columns: ['d decimal'], rows } });
      const scale = Math.max(...values.map((each) => each.scale));
      let total = 0n;
      for (const each of values) total += each.coefficient * 10n ** BigInt(scale - each.scale);
      expect(harness.rows('SELECT sum(d), count(d) FROM t')).toEqual([
        `${shownOf({ coefficient: total, scale })}|${values.length}`,
      ]);
      harness.db.close();
    }),
    { numRuns: 40 },
  );
});

test('beyond what a number holds', async () => {
  const rows = Array.from({ length: 40 }, () => ['9999999999999.99']);
  const { rows: run } = await makeHarness({ t: { columns: ['d decimal'], rows } });
  expect(run('SELECT sum(d) FROM t')).toEqual(['399999999999999.60']);
});
