import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  BackupManifestSchema,
  BackupPartitionDescriptorSchema,
} from '../../backup/format/gen/backup_pb';

/**
 * Makes a backup one with a location for each locality (format reference 01 §7): every second data file moves.
 * @param from directory of the layer @param to the same of the other location
 */
export function partitionBackup(from: string, to: string, locality: string): void {
  mkdirSync(to, { recursive: true });
  const path = join(from, 'BACKUP_MANIFEST');
  const manifest = fromBinary(BackupManifestSchema, gunzipSync(readFileSync(path)));
  const moved = manifest.files.filter((_, i) => i % 2 === 0);
  for (const file of moved) {
    renameSync(join(from, file.path), join(to, file.path));
    file.localityKv = locality;
  }
  const name = `BACKUP_PART_1_${locality.replace(/[^A-Za-z0-9-=]/g, '_')}`;
  manifest.partitionDescriptorFilenames = [name];
  manifest.localityKvs = [locality];
  const part = create(BackupPartitionDescriptorSchema, {
    localityKv: locality,
    files: moved,
    backupId: manifest.id,
  });
  writeFileSync(join(to, name), gzipSync(toBinary(BackupPartitionDescriptorSchema, part)));
  const stored = gzipSync(toBinary(BackupManifestSchema, manifest));
  writeFileSync(path, stored);
  const checksum = createHash('sha256').update(stored).digest().subarray(0, 4);
  writeFileSync(`${path}-CHECKSUM`, checksum);
}
