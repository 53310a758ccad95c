import { newestOf, versionsOf } from '../../../../backup/backup/history/table-versions';

/** What becomes of one key, from when each of its values began and ended. */

const bytes = (text: string): Uint8Array => Buffer.from(text);
const event = (time: number, text: string) => ({ time: BigInt(time), value: bytes(text) });
const shown = (events: Parameters<typeof versionsOf>[0]): string[] =>
  versionsOf(events).map(({ time, value }) => `${time}:${Buffer.from(value).toString()}`);

test.each([
  ['a value that stays', [event(1, 'a')], ['1:a']],
  ['one after the other', [event(1, 'a'), event(3, ''), event(3, 'b')], ['1:a', '3:b']],
  ['deleted, and back', [event(1, 'a'), event(2, ''), event(5, 'b')], ['1:a', '2:', '5:b']],
  ['the same under another descriptor', [event(1, 'a'), event(4, ''), event(4, 'a')], ['1:a']],
  [
    'in any order',
    [event(4, 'b'), event(4, ''), event(1, 'a'), event(9, '')],
    ['1:a', '4:b', '9:'],
  ],
  ['the end of what never began', [event(2, '')], []],
])('%s', (_, events, expected) => {
  expect(shown(events)).toEqual(expected);
});

test.each([
  [
    'another value',
    [event(1, 'a'), event(6, ''), event(6, 'b'), event(7, ''), event(7, 'c')],
    ['7:c'],
  ],
  ['a new one', [event(6, 'a')], ['6:a']],
  ['deleted', [event(1, 'a'), event(6, '')], ['6:']],
  ['the same again', [event(1, 'a'), event(6, ''), event(8, 'a')], []],
  ['came and went', [event(6, 'a'), event(8, '')], []],
  ['nothing since', [event(1, 'a')], []],
])('of a key the newest version, unless it is that of time 5: %s', (_, events, expected) => {
  const newest = newestOf(versionsOf(events), 5n);
  expect(newest.map(({ time, value }) => `${time}:${Buffer.from(value).toString()}`)).toEqual(
    expected,
  );
});
