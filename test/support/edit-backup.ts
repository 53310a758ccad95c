import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type BackupManifest, BackupManifestSchema } from '../../backup/format/gen/backup_pb';
import type {
  DatabaseDescriptor,
  TypeDescriptor,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';

/** The manifest of a backup, to be changed. */
export class ManifestEditor {
  readonly manifest: BackupManifest;

  constructor(manifest: BackupManifest) {
    this.manifest = manifest;
  }

  table = (name: string): TableDescriptor => this.descriptor('table', name) as TableDescriptor;
  type = (name: string): TypeDescriptor => this.descriptor('type', name) as TypeDescriptor;
  database = (name: string): DatabaseDescriptor =>
    this.descriptor('database', name) as DatabaseDescriptor;

  private descriptor(kind: string, name: string): unknown {
    const found = this.manifest.descriptors.find(
      ({ union }) => union.case === kind && union.value.name === name,
    );
    if (found === undefined) throw new Error(`the backup has no ${kind} ${name}`);
    return found.union.value;
  }
}

/** Changes the manifest of a layer in place. */
export function editBackup(layer: string, edit: (editor: ManifestEditor) => void): void {
  const path = join(layer, 'BACKUP_MANIFEST');
  const manifest = fromBinary(BackupManifestSchema, gunzipSync(readFileSync(path)));
  edit(new ManifestEditor(manifest));
  writeFileSync(path, gzipSync(toBinary(BackupManifestSchema, manifest)));
  rmSync(`${path}-CHECKSUM`, { force: true });
}
