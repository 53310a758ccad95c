import fc from 'fast-check';
import { box2dToRepr } from '../../../catalog/types/box2d';
import { decimalToRepr } from '../../../catalog/types/decimal';
import { floatToRepr } from '../../../catalog/types/float';
import { intervalToRepr } from '../../../catalog/types/interval';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import {
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
  TIME,
  TIMESTAMP,
  TIMETZ,
  UUID,
  VARBIT,
} from '../../../catalog/types/table';
import { timetzToRepr } from '../../../catalog/types/timetz';

/** Any values of each type. */

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

export const VALUES: readonly (readonly [SqlType, fc.Arbitrary<Repr>])[] = [
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
