import { randomBytes } from 'node:crypto';
import { SqlError } from '../../base/errors';
import { BYTES, STRING, UUID } from '../../catalog/types/table';
import { parseUuid, uuidText } from '../../catalog/types/uuid';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** UUIDs and ULIDs (source: the ULID specification). */

const randomUuid = (): Uint8Array => {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
};

/** 48 bits of milliseconds since 1970, then 80 random bits. */
const randomUlid = (): Uint8Array => {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return bytes;
};

/** Crockford's base 32. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_CHARACTERS = 26;

function ulidText(bytes: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let i = 0; i < ULID_CHARACTERS; i++) {
    text = ALPHABET[Number(number & 31n)] + text;
    number >>= 5n;
  }
  return text;
}

function parseUlid(text: string): Uint8Array {
  let number = 0n;
  for (const character of text.toUpperCase()) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0)
      throw new SqlError('invalidParameterValue', 'ulid: bad data characters when unmarshaling');
    number = (number << 5n) | BigInt(digit);
  }
  if (text.length !== ULID_CHARACTERS)
    throw new SqlError('invalidParameterValue', 'ulid: bad data size when unmarshaling');
  if (number >> 128n !== 0n)
    throw new SqlError('invalidParameterValue', 'ulid: overflow when unmarshaling');
  return Buffer.from(number.toString(16).padStart(32, '0'), 'hex');
}

const fresh = { volatility: 'volatile' } as const;

export const idBuiltins: readonly FunctionRow[] = [
  udf('gen_random_uuid', [], UUID, randomUuid, fresh),
  udf('uuid_generate_v4', [], UUID, randomUuid, fresh),
  udf('gen_random_ulid', [], UUID, randomUlid, fresh),
  udf('uuid_v4', [], BYTES, randomUuid, fresh),
  udf('experimental_uuid_v4', [], BYTES, randomUuid, fresh),
  udf('to_uuid', ['string'], BYTES, parseUuid),
  udf('from_uuid', ['bytes'], STRING, uuidText),
  udf('uuid_to_ulid', ['uuid'], STRING, ulidText),
  udf('ulid_to_uuid', ['string'], UUID, parseUlid),
];
