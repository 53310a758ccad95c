import { createCipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { EncryptionInfoSchema } from '../../backup/format/gen/backup_pb';

/** Encrypts backups as CockroachDB does (format reference 06): there is no encrypted one among the samples. */

export type EncryptionVersion = 1 | 2;

const CHUNK = 65_536;

function seal(plain: Uint8Array, key: Uint8Array, iv: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function encryptBytes(
  plain: Uint8Array,
  key: Uint8Array,
  version: EncryptionVersion,
): Buffer {
  const iv = randomBytes(12);
  const header = Buffer.concat([Buffer.from('encrypt'), Buffer.from([version]), iv]);
  if (version === 1) return Buffer.concat([header, seal(plain, key, iv)]);
  const pieces: Uint8Array[] = [header];
  for (let n = 0; ; n++) {
    const own = Buffer.from(iv);
    own.writeBigUInt64BE(BigInt.asUintN(64, own.readBigUInt64BE(4) + BigInt(n)), 4);
    const chunk = plain.subarray(n * CHUNK, (n + 1) * CHUNK);
    pieces.push(seal(chunk, key, own));
    if (chunk.length < CHUNK) return Buffer.concat(pieces);
  }
}

export const keyOf = (passphrase: string, salt: Uint8Array): Buffer =>
  pbkdf2Sync(passphrase, salt, 64_000, 32, 'sha256');

/**
 * Encrypts the layers in place; the first is the full backup.
 * @param layers their directories
 */
export function encryptBackup(
  layers: readonly string[],
  passphrase: string,
  version: EncryptionVersion = 2,
): void {
  const salt = randomBytes(16);
  const key = keyOf(passphrase, salt);
  for (const layer of layers) {
    for (const { name } of readdirSync(layer, { withFileTypes: true }).filter((e) => e.isFile())) {
      if (/CHECKSUM$/.test(name)) continue;
      const path = join(layer, name);
      const stored = encryptBytes(readFileSync(path), key, version);
      writeFileSync(path, stored);
      if (existsSync(`${path}-CHECKSUM`)) {
        const checksum = createHash('sha256').update(stored).digest().subarray(0, 4);
        writeFileSync(`${path}-CHECKSUM`, checksum);
      }
    }
  }
  const info = toBinary(EncryptionInfoSchema, create(EncryptionInfoSchema, { salt }));
  writeFileSync(join(layers[0] ?? '', 'ENCRYPTION-INFO'), info);
}
