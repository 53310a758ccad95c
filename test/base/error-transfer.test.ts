import { fromTransferredError, toTransferredError } from '../../base/error-transfer';
import { CorruptionError, SqlError } from '../../base/errors';

const transferred = (error: unknown): Error =>
  fromTransferredError(structuredClone(toTransferredError(error)));

test('an SqlError keeps its class and all its fields', () => {
  const error = new SqlError('divisionByZero', 'division by zero', {
    detail: 'd',
    hint: 'h',
    position: 7,
    constraint: 'c',
  });
  const there = transferred(error);
  expect(there).toBeInstanceOf(SqlError);
  expect(there).toMatchObject({
    sqlstate: '22012',
    message: 'division by zero',
    detail: 'd',
    hint: 'h',
    position: 7,
    constraint: 'c',
  });
});

test('fields that were not given are not there', () => {
  expect(Object.keys(toTransferredError(new SqlError('syntaxError', 'm')))).toEqual([
    'kind',
    'code',
    'message',
  ]);
});

test('a CorruptionError names its file and offset once', () => {
  const there = transferred(new CorruptionError('data/1.sst', 12, 'bad block'));
  expect(there).toBeInstanceOf(CorruptionError);
  expect(there.message).toBe(new CorruptionError('data/1.sst', 12, 'bad block').message);
});

test('other errors keep their stack and their system code, which tells a full disk', () => {
  const error = Object.assign(new Error('disk'), { code: 'ENOSPC' });
  const there = transferred(error);
  expect(there).toMatchObject({ message: 'disk', code: 'ENOSPC', stack: error.stack });
  expect(transferred(new Error('plain'))).not.toHaveProperty('code');
  expect(transferred('text').message).toBe('text');
});
