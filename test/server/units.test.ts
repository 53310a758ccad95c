import { CorruptionError, SqlError } from '../../base/errors';
import { createLogger, redactSecrets } from '../../base/logger';
import type { SqlType } from '../../catalog/types/sql-type';
import { CancelRegistry } from '../../server/wire/cancel-registry';
import { errorFields } from '../../server/wire/error-response';
import { typeLength, typeModifier } from '../../server/wire/row-description';

const logger = createLogger('silent');

describe('errorFields', () => {
  const systemError = (code: string) => Object.assign(new Error('it broke'), { code });

  test.each([
    [new CorruptionError('a.sst', 7, 'bad checksum'), 'XX001', 'a.sst at offset 7: bad checksum'],
    [systemError('ENOSPC'), '53100', 'it broke'],
    [systemError('SQLITE_FULL'), '53100', 'it broke'],
    [systemError('SQLITE_IOERR_FSYNC'), '58030', 'it broke'],
    [systemError('SQLITE_CORRUPT'), 'XX001', 'it broke'],
    [systemError('EMFILE'), '53000', 'it broke'],
    [systemError('SQLITE_CONSTRAINT'), 'XX000', 'internal error: it broke'],
    [new TypeError('x is undefined'), 'XX000', 'internal error: x is undefined'],
    ['a string', 'XX000', 'internal error: a string'],
    [new RangeError('Maximum call stack size exceeded'), '54001', 'statement is too complex'],
  ])('%s', (error, sqlstate, message) => {
    const fields = errorFields(error, logger);
    expect(fields).toMatchObject({ severity: 'ERROR', sqlstate });
    expect(fields.message).toContain(message);
  });

  test('a position moves with the statement; without one there is none', () => {
    const at = new SqlError('syntaxError', 'm', { position: 3 });
    expect(errorFields(at, logger, 10).position).toBe(13);
    expect(errorFields(new SqlError('syntaxError', 'm'), logger, 10).position).toBeUndefined();
  });
});

test('redactSecrets', () => {
  const url = "s3://b/p?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=k/+%2F=&x=1'";
  expect(redactSecrets(url)).toBe(
    "s3://b/p?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=redacted&x=1'",
  );
  expect(redactSecrets('postgresql://u:pw@h/d')).toBe('postgresql://u:redacted@h/d');
  expect(redactSecrets("WITH encryption_passphrase = 'a''b', detached")).toBe(
    "WITH encryption_passphrase = 'redacted', detached",
  );
  const plain = "nodelocal://1/a?b=c 'http://h:80/p'";
  expect(redactSecrets(plain)).toBe(plain);
});

describe('type length and modifier', () => {
  const type = (family: SqlType['family'], oid: number, width = 0, precision = 0): SqlType => ({
    family,
    oid,
    width,
    precision,
    precisionIsSet: false,
  });

  test.each([
    ['BOOL', type('bool', 16), 1, -1],
    ['INT2', type('int', 21, 16), 2, -1],
    ['INT8', type('int', 20, 64), 8, -1],
    ['FLOAT4', type('float', 700, 32), 4, -1],
    ['DECIMAL', type('decimal', 1700), -1, -1],
    ['DECIMAL(10,2)', type('decimal', 1700, 2, 10), -1, ((10 << 16) | 2) + 4],
    ['VARCHAR(20)', type('string', 1043, 20), -1, 24],
    ['"char"', type('string', 18, 1), 1, -1],
    ['NAME', type('string', 19), 64, -1],
    ['BIT(3)', type('bit', 1560, 3), -1, 3],
    ['DATE', type('date', 1082), 16, -1],
    ['enum', type('enum', 100_055), -1, -1],
    ['UUID', type('uuid', 2950), 16, -1],
    ['TIMETZ', type('timetz', 1266), 16, -1],
    ['VARCHAR(20)[]', { ...type('array', 1015), element: type('string', 1043, 20) }, -1, 24],
  ])('%s', (_name, sqlType, length, modifier) => {
    expect([typeLength(sqlType), typeModifier(sqlType)]).toEqual([length, modifier]);
  });
});

test('process ids of cancel keys are not given twice while they are in use', () => {
  const registry = new CancelRegistry();
  const keys = Array.from({ length: 100 }, () => registry.register(() => undefined));
  expect(new Set(keys.map((key) => key.processId)).size).toBe(100);
  expect(new Set(keys.map((key) => key.secretKey)).size).toBeGreaterThan(90);
});
