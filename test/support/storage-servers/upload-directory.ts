import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';

const options: ExternalStorageOptions = { externalIoDir: undefined, nodeId: 1 };

/** Copies everything below a directory of the disk to a location. @returns how many bytes that were */
export async function uploadDirectory(directory: string, uri: string): Promise<number> {
  const storage = await openStorage(uri, options);
  let total = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    total += bytes.length;
    await storage.write(relative(directory, path), bytes);
  }
  await storage.close();
  return total;
}
