import fc from 'fast-check';
import { type Harness, makeHarness } from '../support/harness';

/** Random expressions whose value is computed a second time, in JavaScript. */

let db: Harness;
beforeAll(async () => {
  db = await makeHarness({ t: { columns: ['id int'], rows: [['1']] } });
});

/** Null is SQL's; 'error' is what must end the statement. */
type Value = bigint | boolean | null | 'error';

interface Node {
  readonly sql: string;
  readonly value: Value;
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

const inRange = (value: bigint): Value => (value < MIN || value > MAX ? 'error' : value);

/** NULL and errors first, errors before NULL: nothing here is lazy. */
function strict(args: readonly Node[], compute: (...values: bigint[]) => Value): Value {
  const values = args.map(({ value }) => value);
  if (values.includes('error')) return 'error';
  if (values.includes(null)) return null;
  return compute(...(values as bigint[]));
}

const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => Value>> = {
  '+': (a, b) => inRange(a + b),
  '-': (a, b) => inRange(a - b),
  '*': (a, b) => inRange(a * b),
  '//': (a, b) => (b === 0n ? 'error' : inRange(a / b)),
  '%': (a, b) => (b === 0n ? 'error' : a % b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '#': (a, b) => a ^ b,
};

const COMPARE: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
};

const literal = (value: bigint | null): Node => ({
  sql: value === null ? 'NULL::INT' : value < 0n ? `(${value})` : String(value),
  value,
});

const small = fc.bigInt({ min: -9n, max: 9n });
const large = fc.constantFrom(MAX, MIN + 1n, MAX - 1n, 2n ** 32n, -(2n ** 62n), 3_037_000_500n);
const constants = (extreme: boolean): fc.Arbitrary<Node> =>
  fc
    .oneof(
      { weight: 6, arbitrary: small },
      { weight: extreme ? 6 : 0, arbitrary: large },
      { weight: 1, arbitrary: fc.constant(null) },
    )
    .map(literal);

function ints(depth: number, extreme: boolean): fc.Arbitrary<Node> {
  const leaf = constants(extreme);
  if (depth === 0) return leaf;
  const inner = ints(depth - 1, extreme);
  const binary = fc
    .tuple(inner, fc.constantFrom(...Object.keys(BINARY)), inner)
    .map(([a, op, b]): Node => {
      const compute = BINARY[op] ?? (() => null);
      return { sql: `(${a.sql} ${op} ${b.sql})`, value: strict([a, b], compute) };
    });
  const unary = inner.map(
    (a): Node => ({ sql: `(- ${a.sql})`, value: strict([a], (x) => inRange(-x)) }),
  );
  return fc.oneof(leaf, { weight: 4, arbitrary: binary }, unary);
}

const not = (value: Value): Value => (typeof value === 'boolean' ? !value : value);

const and = (a: Value, b: Value): Value => {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
};

/** Over small numbers without division, so that no part can fail and laziness cannot be seen. */
function bools(depth: number): fc.Arbitrary<Node> {
  const number = fc.oneof(small, fc.constant(null)).map(literal);
  const compare = fc
    .tuple(number, fc.constantFrom(...Object.keys(COMPARE)), number)
    .map(([a, op, b]): Node => {
      const compute = COMPARE[op] ?? (() => false);
      return { sql: `(${a.sql} ${op} ${b.sql})`, value: strict([a, b], compute) };
    });
  const between = fc.tuple(number, number, number).map(([a, low, high]): Node => {
    const above = strict([a, low], (x, y) => x >= y);
    const below = strict([a, high], (x, y) => x <= y);
    return { sql: `(${a.sql} BETWEEN ${low.sql} AND ${high.sql})`, value: and(above, below) };
  });
  const inList = fc
    .tuple(number, fc.array(number, { minLength: 1, maxLength: 4 }))
    .map(([a, list]): Node => {
      const tests = list.map((item) => not(strict([a, item], (x, y) => x === y)));
      return {
        sql: `(${a.sql} IN (${list.map(({ sql }) => sql).join(', ')}))`,
        value: not(tests.reduce(and)),
      };
    });
  const isNull = number.map((a): Node => ({ sql: `(${a.sql} IS NULL)`, value: a.value === null }));
  const distinct = fc.tuple(number, number).map(
    ([a, b]): Node => ({
      sql: `(${a.sql} IS DISTINCT FROM ${b.sql})`,
      value: a.value !== b.value,
    }),
  );
  const leaf = fc.oneof(compare, between, inList, isNull, distinct);
  if (depth === 0) return leaf;
  const inner = bools(depth - 1);
  return fc.oneof(
    leaf,
    fc
      .tuple(inner, inner)
      .map(([a, b]): Node => ({ sql: `(${a.sql} AND ${b.sql})`, value: and(a.value, b.value) })),
    fc.tuple(inner, inner).map(
      ([a, b]): Node => ({
        sql: `(${a.sql} OR ${b.sql})`,
        value: not(and(not(a.value), not(b.value))),
      }),
    ),
    inner.map((a): Node => ({ sql: `(NOT ${a.sql})`, value: not(a.value) })),
    fc.tuple(inner, inner, inner).map(
      ([c, a, b]): Node => ({
        sql: `CASE WHEN ${c.sql} THEN ${a.sql} ELSE ${b.sql} END`,
        value: c.value === true ? a.value : b.value,
      }),
    ),
    fc
      .tuple(inner, inner)
      .map(([a, b]): Node => ({ sql: `COALESCE(${a.sql}, ${b.sql})`, value: a.value ?? b.value })),
    inner.map((a): Node => ({ sql: `(${a.sql} IS NOT TRUE)`, value: a.value !== true })),
  );
}

function answerOf(sql: string): Value {
  let text: string | undefined;
  try {
    text = db.rows(`SELECT ${sql}`)[0];
  } catch (error) {
    const { sqlstate } = error as { sqlstate?: string };
    if (sqlstate === '22003' || sqlstate === '22012') return 'error';
    throw error;
  }
  if (text === 'NULL' || text === undefined) return null;
  if (text === 't' || text === 'f') return text === 't';
  return BigInt(text);
}

const check = (arbitrary: fc.Arbitrary<Node>): void =>
  fc.assert(
    fc.property(arbitrary, ({ sql, value }) => {
      expect(answerOf(sql)).toBe(value);
    }),
    { seed: 20_211_116, numRuns: 1_000 },
  );

test('arithmetic of small integers', () => check(ints(3, false)));

test('arithmetic at the ends of INT8: the exact value or an error', () => check(ints(3, true)));

test('three-valued logic', () => check(bools(3)));
