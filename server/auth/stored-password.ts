import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * What passwords are checked by, as system.users keeps it: a SCRAM verifier (`SCRAM-SHA-256$<iterations>:<salt>$<stored key>:
 * <server key>`), or bcrypt (`$2a$10$…`) from a cluster of CockroachDB.
 */
export type StoredPassword =
  | ScramVerifier
  | { readonly kind: 'bcrypt'; readonly hash: string }
  /** None, or one that nothing here can check. */
  | { readonly kind: 'none' };

export interface ScramVerifier {
  readonly kind: 'scram';
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export const KEY_BYTES = 32;
const SCRAM = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;
const BCRYPT = /^\$2[aby]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Each step doubles the time: 10 is CockroachDB's default, 20 takes minutes. */
const BCRYPT_COST_MAX = 16;
const ITERATIONS_MAX = 1_000_000;

export function parseStoredPassword(bytes: Uint8Array | null): StoredPassword {
  const text = Buffer.from(bytes ?? []).toString('latin1');
  const bcrypt = BCRYPT.exec(text);
  if (bcrypt !== null) {
    return Number(bcrypt[1]) > BCRYPT_COST_MAX ? { kind: 'none' } : { kind: 'bcrypt', hash: text };
  }
  const [, iterations, ...parts] = SCRAM.exec(text) ?? [];
  const [salt, storedKey, serverKey] = parts.map((part) => Buffer.from(part, 'base64'));
  if (salt === undefined || storedKey?.length !== KEY_BYTES || serverKey?.length !== KEY_BYTES) {
    return { kind: 'none' };
  }
  const count = Number(iterations);
  if (count < 1 || count > ITERATIONS_MAX) return { kind: 'none' };
  return { kind: 'scram', iterations: count, salt, storedKey, serverKey };
}

/** Passwords that are checked at once, so that logins leave room for reads of files in Node's pool of threads. */
const CHECKS_MAX = 2;
let running = 0;
const queue: (() => void)[] = [];

/** Whether it is the password; takes some 100 ms in another thread. @param password bytes as the client sent them */
export async function isPassword(password: Uint8Array, stored: StoredPassword): Promise<boolean> {
  if (stored.kind === 'none' || password.length === 0) return false;
  if (running >= CHECKS_MAX) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return stored.kind === 'bcrypt'
      ? await isBcrypt(password, stored.hash)
      : await isScram(password, stored);
  } finally {
    running--;
    queue.shift()?.();
  }
}

const EMPTY_SHA256 = createHash('sha256').digest();
/** What bcrypt looks at. */
const BCRYPT_BYTES_MAX = 72;
const SALT_CHARS = 29;

/** CockroachDB appends the SHA-256 of nothing to the password, which it once meant to hash. */
async function isBcrypt(password: Uint8Array, hash: string): Promise<boolean> {
  const { hash: bcrypt } = await import('bcrypt');
  const input = Buffer.concat([password, EMPTY_SHA256]).subarray(0, BCRYPT_BYTES_MAX);
  // 2a, 2b and 2y differ in bugs of other programs.
  const salt = hash.replace(/^\$2[aby]?\$/, '$2b$').slice(0, SALT_CHARS);
  const computed = Buffer.from((await bcrypt(input, salt)).slice(-31));
  return timingSafeEqual(computed, Buffer.from(hash.slice(-31)));
}

const pbkdf2Async = promisify(pbkdf2);

async function isScram(password: Uint8Array, stored: ScramVerifier): Promise<boolean> {
  const text = Buffer.from(password).toString('utf8').normalize('NFKC');
  const { salt, iterations } = stored;
  const salted = await pbkdf2Async(text, salt, iterations, KEY_BYTES, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), stored.storedKey);
}
