import { createHash } from 'node:crypto';
import { hash } from 'bcrypt';
import { isPassword, parseStoredPassword } from '../../../server/auth/stored-password';
import { scramVerifier } from '../../../sql/privileges/password';

const check = (password: string, stored: string): Promise<boolean> =>
  isPassword(Buffer.from(password), parseStoredPassword(Buffer.from(stored)));

/** As CockroachDB makes it. */
async function cockroachHash(password: string, prefix = '$2a$'): Promise<string> {
  const input = Buffer.concat([Buffer.from(password), createHash('sha256').digest()]);
  return (await hash(input.subarray(0, 72), 4)).replace('$2b$', prefix);
}

test.each(['$2a$', '$2b$', '$2y$'])('bcrypt %s', async (prefix) => {
  const stored = await cockroachHash('hatch', prefix);
  expect(parseStoredPassword(Buffer.from(stored))).toEqual({ kind: 'bcrypt', hash: stored });
  expect(await check('hatch', stored)).toBe(true);
  expect(await check('hatcH', stored)).toBe(false);
  expect(await check('', stored)).toBe(false);
});

test('bcrypt looks at 72 bytes, also of passwords that are longer', async () => {
  const long = 'x'.repeat(300);
  const stored = await cockroachHash(long);
  expect(await check(long, stored)).toBe(true);
  expect(await check(`${'x'.repeat(71)}y`, stored)).toBe(false);
});

test('SCRAM', async () => {
  const stored = scramVerifier('pässwörd');
  expect(parseStoredPassword(Buffer.from(stored))).toMatchObject({
    kind: 'scram',
    iterations: 4096,
  });
  expect(await check('pässwörd', stored)).toBe(true);
  expect(await check('passwort', stored)).toBe(false);
});

test.each([
  [''],
  ['md5d41d8cd98f00b204e9800998ecf8427e'],
  ['$2a$31$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvabcdefghi'],
  ['SCRAM-SHA-256$0:c2FsdA==$c2FsdA==:c2FsdA=='],
  ['SCRAM-SHA-256$4096:c2FsdA==$c2FsdA==:c2FsdA=='],
])('%j opens nothing', async (stored) => {
  expect(parseStoredPassword(Buffer.from(stored))).toEqual({ kind: 'none' });
  expect(await check('', stored)).toBe(false);
});

test('null is no password', () => expect(parseStoredPassword(null)).toEqual({ kind: 'none' }));
