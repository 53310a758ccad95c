import { type Awaitable, after, caught } from '../../base/awaitable';

test('what is there goes on at once, what is waited for later', async () => {
  const seen: number[] = [];
  expect(after(1, (value) => seen.push(value))).toBe(1);
  const later = after(Promise.resolve(2), (value) => seen.push(value));
  expect(seen).toEqual([1]);
  expect(await later).toBe(2);
  expect(seen).toEqual([1, 2]);
});

test.each<[string, () => Awaitable<string>]>([
  [
    'thrown',
    () => {
      throw new Error('no');
    },
  ],
  ['rejected', () => Promise.reject(new Error('no'))],
])('an error that is %s is caught', async (_, work) => {
  expect(await caught(work, (error) => String(error))).toBe('Error: no');
  expect(caught(() => 'yes', String)).toBe('yes');
});
