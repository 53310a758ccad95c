import { SqlError } from '../../base/errors';
import type { ExternalFile, ExternalStorage, ExternalWriter } from './external-storage';
import { type LocationUri, refuseUnknownParams } from './uri';

/** Opens `null://`: what is written there is gone, which shows what a BACKUP costs without its destination. */
export async function openNull(location: LocationUri): Promise<ExternalStorage> {
  refuseUnknownParams(location, 'null', []);
  return new NullStorage();
}

class NullStorage implements ExternalStorage {
  readonly redactedUrl = 'null:///';

  async open(path: string): Promise<ExternalFile> {
    throw new SqlError('undefinedFile', `null storage has no files: ${path} does not exist`);
  }

  async readAll(path: string): Promise<Uint8Array> {
    await this.open(path);
    return new Uint8Array(0);
  }

  async *list(): AsyncIterable<string> {}

  async write(): Promise<void> {}

  async create(path: string): Promise<ExternalWriter> {
    return { name: `null:///${path}`, async write() {}, async finish() {}, async abort() {} };
  }

  async delete(): Promise<void> {}

  async close(): Promise<void> {}
}
