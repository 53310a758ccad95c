import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CorruptionError, SQLSTATE, SqlError } from '../base/errors';
import { limits } from '../base/limits';
import type { ExternalFile } from '../storage/external/external-storage';

/**
 * Encrypted backups: a 20-byte header, then AES-256-GCM over the whole (version 1) or over chunks of 64 KiB (version 2).
 *
 *   "encrypt" | version | IV (12) | chunk + tag (16) | chunk + tag …
 *
 * The last chunk is shorter than the others, maybe empty: what ends with a full one was cut off. Source: format reference 06.
 */

const PREFIX = Buffer.from('encrypt');
const IV_BYTES = 12;
const HEADER_BYTES = PREFIX.length + 1 + IV_BYTES;
const TAG_BYTES = 16;
const CHUNK_BYTES = 64 << 10;
const STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const COUNTER_OFFSET = 4;

const KEY_BYTES = 32;
const ITERATIONS = 64_000;

const pbkdf2Async = promisify(pbkdf2);

export async function deriveKey(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return await pbkdf2Async(Buffer.from(passphrase), salt, ITERATIONS, KEY_BYTES, 'sha256');
}

interface Header {
  readonly isChunked: boolean;
  readonly iv: Buffer;
}

function readHeader(bytes: Uint8Array): Header {
  const isEncrypted = PREFIX.every((byte, i) => bytes[i] === byte);
  if (bytes.length < HEADER_BYTES || !isEncrypted) {
    throw new SqlError('dataCorrupted', 'file does not appear to be encrypted');
  }
  const version = bytes[PREFIX.length];
  if (version !== 1 && version !== 2) {
    throw new SqlError(
      'featureNotSupported',
      `unexpected encryption scheme/config version ${version}`,
    );
  }
  const iv = Buffer.from(bytes.subarray(PREFIX.length + 1, HEADER_BYTES));
  return { isChunked: version === 2, iv };
}

/** The IV with its last eight bytes, a big-endian number, raised by `index`. */
function chunkIv(iv: Buffer, index: number): Buffer {
  const own = Buffer.from(iv);
  const counter = own.readBigUInt64BE(COUNTER_OFFSET) + BigInt(index);
  own.writeBigUInt64BE(BigInt.asUintN(64, counter), COUNTER_OFFSET);
  return own;
}

const AUTHENTICATION_FAILED = 'cipher: message authentication failed';

function decryptPiece(stored: Uint8Array, iv: Buffer, key: Uint8Array): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(stored.subarray(stored.length - TAG_BYTES));
    const plain = decipher.update(stored.subarray(0, stored.length - TAG_BYTES));
    decipher.final();
    return plain;
  } catch (error) {
    throw new SqlError(
      'invalidPassword',
      `failed to decrypt — maybe incorrect key: ${AUTHENTICATION_FAILED}`,
      { cause: error },
    );
  }
}

const CHUNKED_VERSION = 2;

/** The bytes of a file, encrypted in chunks under an IV of its own. */
export function encryptBytes(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const stored: Uint8Array[] = [PREFIX, Buffer.from([CHUNKED_VERSION]), iv];
  // The last chunk is shorter than the others, empty if need be: its end is the file's.
  for (let index = 0; index * CHUNK_BYTES <= plain.length; index++) {
    const chunk = plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const options = { authTagLength: TAG_BYTES };
    const cipher = createCipheriv('aes-256-gcm', key, chunkIv(iv, index), options);
    stored.push(cipher.update(chunk), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(stored);
}

const truncated = (file: string): SqlError =>
  new SqlError('dataCorrupted', `${file}: encrypted file is truncated`);

/** The bytes of a whole file. */
export function decryptBytes(stored: Uint8Array, key: Uint8Array, file: string): Uint8Array {
  const { isChunked, iv } = readHeader(stored);
  const body = stored.subarray(HEADER_BYTES);
  if (!isChunked) {
    if (body.length < TAG_BYTES) throw truncated(file);
    return decryptPiece(body, iv, key);
  }
  const plain: Buffer[] = [];
  for (let index = 0; ; index++) {
    const from = index * STORED_CHUNK_BYTES;
    const chunk = body.subarray(from, from + STORED_CHUNK_BYTES);
    if (chunk.length < TAG_BYTES) throw truncated(file);
    plain.push(decryptPiece(chunk, chunkIv(iv, index), key));
    if (chunk.length < STORED_CHUNK_BYTES) return Buffer.concat(plain);
  }
}

/** The key has opened the manifest before: a data file that it does not open is damaged. */
function damaged(error: unknown, file: string): unknown {
  if (!(error instanceof SqlError) || error.message.startsWith(file)) return error;
  if (error.sqlstate === SQLSTATE.invalidPassword) {
    return new CorruptionError(file, undefined, AUTHENTICATION_FAILED, error);
  }
  return error.sqlstate === SQLSTATE.dataCorrupted
    ? new CorruptionError(file, undefined, error.message, error)
    : error;
}

/**
 * An encrypted data file as the plain one. Takes `file` over: it is closed with the result, or when it can't be read.
 * @throws CorruptionError
 */
export async function openDecrypted(file: ExternalFile, key: Uint8Array): Promise<ExternalFile> {
  try {
    const start = await file.read(0, Math.min(HEADER_BYTES, file.sizeBytes));
    const header = readHeader(start);
    if (header.isChunked) return new ChunkedFile(file, header.iv, key);
    if (file.sizeBytes > limits.manifestBytesMax) {
      const message = `${file.name}: encrypted in one piece of ${file.sizeBytes} bytes`;
      throw new SqlError('programLimitExceeded', message);
    }
    const plain = decryptBytes(await file.read(0, file.sizeBytes), key, file.name);
    return new PlainFile(file, plain);
  } catch (error) {
    await file.close();
    throw damaged(error, file.name);
  }
}

class PlainFile implements ExternalFile {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly file: ExternalFile;
  private readonly plain: Uint8Array;

  constructor(file: ExternalFile, plain: Uint8Array) {
    this.name = file.name;
    this.sizeBytes = plain.length;
    this.file = file;
    this.plain = plain;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (end > this.plain.length) throw truncated(this.name);
    return this.plain.subarray(start, end);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

class ChunkedFile implements ExternalFile {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly file: ExternalFile;
  private readonly iv: Buffer;
  private readonly key: Uint8Array;

  constructor(file: ExternalFile, iv: Buffer, key: Uint8Array) {
    const body = file.sizeBytes - HEADER_BYTES;
    const fullChunks = Math.floor(body / STORED_CHUNK_BYTES);
    const last = body - fullChunks * STORED_CHUNK_BYTES;
    if (last < TAG_BYTES) throw truncated(file.name);
    this.name = file.name;
    this.sizeBytes = fullChunks * CHUNK_BYTES + last - TAG_BYTES;
    this.file = file;
    this.iv = iv;
    this.key = key;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (end > this.sizeBytes) throw truncated(this.name);
    if (end <= start) return new Uint8Array(0);
    const first = Math.floor(start / CHUNK_BYTES);
    const last = Math.floor((end - 1) / CHUNK_BYTES);
    const stored = await this.file.read(
      HEADER_BYTES + first * STORED_CHUNK_BYTES,
      Math.min(HEADER_BYTES + (last + 1) * STORED_CHUNK_BYTES, this.file.sizeBytes),
    );
    const plain: Buffer[] = [];
    for (let index = first; index <= last; index++) {
      const from = (index - first) * STORED_CHUNK_BYTES;
      const chunk = stored.subarray(from, from + STORED_CHUNK_BYTES);
      plain.push(this.decrypt(chunk, index));
    }
    const from = start - first * CHUNK_BYTES;
    return Buffer.concat(plain).subarray(from, from + end - start);
  }

  private decrypt(chunk: Uint8Array, index: number): Buffer {
    try {
      return decryptPiece(chunk, chunkIv(this.iv, index), this.key);
    } catch (error) {
      throw damaged(error, this.name);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
