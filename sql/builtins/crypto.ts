import { type BinaryToTextEncoding, createHash, createHmac } from 'node:crypto';
import { SqlError } from '../../base/errors';
import { BYTES, INT8, STRING } from '../../catalog/types/table';
import type { FunctionRow, Udf } from './function-row';
import { udf } from './rows';

/** Digests, message authentication codes and checksums. */

type Part = string | Uint8Array | null;

const digest =
  (algorithm: string, encoding: BinaryToTextEncoding = 'hex') =>
  (...parts: Part[]): string | null => {
    if (parts.every((part) => part === null)) return null;
    const hash = createHash(algorithm);
    for (const part of parts) if (part !== null) hash.update(part);
    return hash.digest(encoding);
  };

function overTextAndBytes(name: string, returns: typeof STRING, fn: Udf): FunctionRow[] {
  const loose = { strict: false } as const;
  return [
    udf(name, [], returns, fn, { ...loose, rest: 'string', preferred: true }),
    udf(name, [], returns, fn, { ...loose, rest: 'bytes' }),
  ];
}

const ALGORITHMS = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']);

function algorithm(name: string): string {
  const known = name.toLowerCase();
  if (ALGORITHMS.has(known)) return known;
  throw new SqlError('invalidParameterValue', `cannot use "${name}", no such hash algorithm`);
}

const digestBytes = (data: string | Uint8Array, type: string): Uint8Array =>
  createHash(algorithm(type)).update(data).digest();

const hmacBytes = (data: string | Uint8Array, key: string | Uint8Array, type: string): Uint8Array =>
  createHmac(algorithm(type), key).update(data).digest();

/** The table of a reflected CRC-32 polynomial. */
function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc >>> 0;
  });
}

function crc(table: Uint32Array): (...parts: Part[]) => bigint | null {
  return (...parts) => {
    if (parts.every((part) => part === null)) return null;
    let value = 0xffffffff;
    for (const part of parts) {
      if (part === null) continue;
      for (const byte of typeof part === 'string' ? Buffer.from(part, 'utf8') : part)
        value = (table[(value ^ byte) & 0xff] as number) ^ (value >>> 8);
    }
    return BigInt((value ^ 0xffffffff) >>> 0);
  };
}

export const cryptoBuiltins: readonly FunctionRow[] = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].flatMap((name) =>
    overTextAndBytes(name, STRING, digest(name)),
  ),
  ...overTextAndBytes('crc32ieee', INT8, crc(crcTable(0xedb88320))),
  ...overTextAndBytes('crc32c', INT8, crc(crcTable(0x82f63b78))),
  udf('digest', ['string', 'string'], BYTES, digestBytes, { preferred: true }),
  udf('digest', ['bytes', 'string'], BYTES, digestBytes),
  udf('hmac', ['string', 'string', 'string'], BYTES, hmacBytes, { preferred: true }),
  udf('hmac', ['bytes', 'bytes', 'string'], BYTES, hmacBytes),
];
