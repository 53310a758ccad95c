import { LoginThrottle } from '../../../server/auth/login-throttle';

test('ten failures, then one more every five seconds', () => {
  let now = 0;
  const throttle = new LoginThrottle(() => now);
  for (let i = 0; i < 10; i++) {
    expect(throttle.allows('a', 'ann')).toBe(true);
    throttle.failed('a', 'ann');
  }
  expect(throttle.allows('a', 'ann')).toBe(false);
  expect(throttle.allows('a', 'bob')).toBe(true);
  expect(throttle.allows('b', 'ann')).toBe(true);
  now = 4_900;
  expect(throttle.allows('a', 'ann')).toBe(false);
  now = 5_000;
  expect(throttle.allows('a', 'ann')).toBe(true);
});

test('an address that tries many names is turned away, too', () => {
  const throttle = new LoginThrottle(() => 0);
  for (let i = 0; i < 100; i++) throttle.failed('a', `user${i}`);
  expect(throttle.allows('a', 'another')).toBe(false);
  expect(throttle.allows('b', 'another')).toBe(true);
});

test('it remembers so much and no more', () => {
  const throttle = new LoginThrottle(() => 0);
  for (let i = 0; i < 20; i++) throttle.failed('first', 'ann');
  expect(throttle.allows('first', 'ann')).toBe(false);
  for (let i = 0; i < 10_000; i++) throttle.failed(`address${i}`, 'x');
  expect(throttle.allows('first', 'ann')).toBe(true);
});
