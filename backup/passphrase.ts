import { SqlError } from '../base/errors';
import type { ExternalStorage } from '../storage/external/external-storage';
import { deriveKey } from './encryption';
import { readEncryptionInfo } from './format/manifest';

/**
 * The key of a chain's files.
 * @param directory of the full backup, which alone says how
 * @throws SqlError undefinedFile (58P01) when the backup is not encrypted
 */
export async function keyFromPassphrase(
  storage: ExternalStorage,
  directory: string,
  passphrase: string,
): Promise<Uint8Array> {
  try {
    const { salt } = await readEncryptionInfo(storage, directory);
    return await deriveKey(passphrase, salt);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.withMessage(`could not find or read encryption information: ${error.message}`);
  }
}
