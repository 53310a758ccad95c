import { INT8, STRING } from '../../../catalog/types/table';
import type { PreparedQuery } from '../../../sql/session/compile-query';
import { decodeParameters } from '../../../sql/session/parameters';
import { QueryCache } from '../../../sql/session/query-cache';
import { SequenceValues } from '../../../sql/session/sequence-values';
import { StatementRun, untilAborted } from '../../../sql/session/statement-run';
import { sqlState } from '../../support/sql-state';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('decodeParameters', () => {
  test('text and binary in the type’s own form, and NULL', () => {
    const values = [bytes('12'), null, bytes('ü')];
    expect(decodeParameters([INT8, INT8, STRING], values, [], {})).toEqual([12n, null, 'ü']);
    expect(decodeParameters([INT8], [Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0)], [1], {})).toEqual([
      256n,
    ]);
    // A byte order mark is a character of the text.
    expect(decodeParameters([STRING], [bytes('\ufeffx')], [], {})).toEqual(['\ufeffx']);
    expect(decodeParameters([STRING], [bytes('x')], [1], {})).toEqual(['x']);
    expect(decodeParameters([STRING, INT8], [bytes('x'), bytes('1')], [1, 0], {})).toEqual([
      'x',
      1n,
    ]);
  });

  test('the wrong number, the wrong text, the wrong encoding', () => {
    expect(() => decodeParameters([INT8], [], [], {})).toThrow(
      sqlState('08P01', 'expected 1 arguments, got 0'),
    );
    expect(() => decodeParameters([INT8], [bytes('x')], [], {})).toThrow(sqlState('22P02', /./));
    expect(() => decodeParameters([INT8], [new Uint8Array(4)], [1], {})).toThrow(
      sqlState('42601', 'error in argument for $1: int8 requires 8 bytes for binary format'),
    );
    expect(() => decodeParameters([STRING], [Uint8Array.of(0xc3)], [], {})).toThrow(
      sqlState('22021', /UTF8/),
    );
  });
});

test('QueryCache keeps what was used last', () => {
  const cache = new QueryCache(2);
  const query = (): PreparedQuery => ({}) as PreparedQuery;
  const [a, b, c] = [query(), query(), query()];
  cache.put('a', a);
  cache.put('b', b);
  expect(cache.get('a')).toBe(a);
  cache.put('c', c);
  expect(cache.get('b')).toBeUndefined();
  expect(cache.get('a')).toBe(a);
  expect(cache.get('c')).toBe(c);
  cache.put('a', b); // in place of the older one, without pushing another out
  expect(cache.get('a')).toBe(b);
  expect(cache.get('c')).toBe(c);
});

test('SequenceValues: the latest of each, and which was the last', () => {
  const values = new SequenceValues();
  expect(values.toState()).toBeNull();
  values.note([]);
  expect(values.toState()).toBeNull();
  values.note([
    [7, 1n],
    [9, 9_007_199_254_740_993n],
  ]);
  values.note([[7, 2n]]);
  const expected = { last: 7, values: { 7: '2', 9: '9007199254740993' } };
  expect(JSON.parse(values.toState() ?? '')).toEqual(expected);
  values.clear();
  expect(values.toState()).toBeNull();
});

describe('StatementRun', () => {
  test('ends once, and its timer with it', async () => {
    let ended = 0;
    const run = new StatementRun({ statementMs: 5, lockMs: 0 }, () => ended++);
    run.startTimer();
    run.end();
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(ended).toBe(1);
    expect(run.signal.aborted).toBe(false);
  });

  test('the timeout and a cancel say which they are; the first counts', async () => {
    const run = new StatementRun({ statementMs: 1, lockMs: 0 }, () => undefined);
    run.startTimer();
    const work = run.race(new Promise<never>(() => undefined));
    await expect(work).rejects.toThrow(sqlState('57014', /statement timeout$/));
    run.cancel();
    expect(run.signal.reason.message).toMatch(/statement timeout$/);
    await expect(run.race(1)).rejects.toThrow(sqlState('57014', /statement timeout$/));
  });

  test('no timeout, no timer; a cancel ends the wait', async () => {
    const run = new StatementRun({ statementMs: 0, lockMs: 0 }, () => undefined);
    run.startTimer();
    const work = run.race(new Promise<never>(() => undefined));
    run.cancel();
    await expect(work).rejects.toThrow(sqlState('57014', 'query execution canceled'));
  });

  test('work that is done first wins, and its own error too', async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own');
  });
});
