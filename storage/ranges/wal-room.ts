import { open } from 'node:fs/promises';
import { storeFile } from './connection';

/**
 * Zeros behind the end of the WAL. A sync of pages that are written over brings them to the disk and nothing else; one that makes the
 * file longer waits for the file system's journal, too. SQLite takes what follows the last commit for nothing, as after
 * a checkpoint. Source: SQLite, "WAL-mode File Format": frames count as long as their salts are those of the header.
 */

/** As long as it gets while checkpoints keep up (sql/execute/checkpoints.ts). */
const WAL_BYTES = 32 << 20;

const ZEROS = Buffer.alloc(4 << 20);

/**
 * Adds some. The caller holds the write lock until it is over: whatever is written meanwhile would be lost.
 * @param directory of the store
 * @returns false: there is enough
 * @throws the file system's errors
 */
export async function addWalRoom(directory: string): Promise<boolean> {
  const file = await open(`${storeFile(directory)}-wal`, 'r+');
  try {
    const { size } = await file.stat();
    if (size >= WAL_BYTES) return false;
    await file.write(ZEROS, 0, ZEROS.length, size);
    await file.datasync();
    return true;
  } finally {
    await file.close();
  }
}
