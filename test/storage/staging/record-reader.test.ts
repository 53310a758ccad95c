import fc from 'fast-check';
import { RecordBuilder } from '../../../storage/staging/record-builder';
import { type RecordValue, recordOf } from '../../../storage/staging/record-of';

const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const edges = [0n, 1n, -1n, 127n, 128n, -128n, -129n, 32767n, -32769n, 8388607n, -8388609n].concat(
  [31n, 32n, 40n, 47n, 48n, 53n, 63n].flatMap((bits) => {
    const power = 1n << bits;
    return [
      power - 1n,
      -power,
      -power + 1n,
      ...(bits < 63n ? [power, power + 1n, -power - 1n] : []),
    ];
  }),
);
const value = fc.oneof(
  fc.constant<RecordValue>(null),
  int64,
  fc.constantFrom(...edges),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

test('a record reads as it was built', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
      const record = recordOf(values);
      expect(values.map((_, slot) => record.value(slot))).toEqual(values);
      for (const [slot, each] of values.entries()) {
        expect(record.isNull(slot)).toBe(each === null);
        if (typeof each !== 'bigint') continue;
        const integer = record.integer(slot);
        expect(BigInt(integer)).toBe(each);
        // A number exactly where that is safe.
        expect(typeof integer === 'number').toBe(Number.isSafeInteger(Number(each)));
        if (record.isWide(slot)) {
          const high = BigInt(record.highWord(slot));
          expect((high << 32n) | BigInt(record.lowWord(slot))).toBe(each);
        }
      }
    }),
  );
});

test('texts and blobs lie where the reader says', () => {
  const record = recordOf(['é', Buffer.from([1, 2, 3]), '']);
  const bytesOf = (slot: number) =>
    record.bytes.subarray(record.start(slot), record.start(slot) + record.size(slot));
  expect(bytesOf(0).toString()).toBe('é');
  expect([...bytesOf(1)]).toEqual([1, 2, 3]);
  expect(record.size(2)).toBe(0);
});

test('a record of another number of values is a bug', () => {
  const record = new RecordBuilder(2);
  record.clear();
  const bytes = Buffer.alloc(record.measure());
  record.write(bytes, 0);
  expect(() => recordOf([null]).reset(bytes, 0)).toThrow(/as many values/);
});
