import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { SqlError } from '../../base/errors';

/** PostgreSQL's default. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * What the server needs to check a password and nobody can log in with. Source: RFC 5803 as PostgreSQL writes it:
 * `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`.
 * @throws SqlError invalidPassword (28P01)
 */
export function scramVerifier(password: string): string {
  if (password === '') {
    throw new SqlError('invalidPassword', 'empty passwords are not permitted');
  }
  const salt = randomBytes(SALT_BYTES);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  const serverKey = hmac(salted, 'Server Key');
  const encode = (bytes: Buffer): string => bytes.toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${encode(salt)}$${encode(storedKey)}:${encode(serverKey)}`;
}
