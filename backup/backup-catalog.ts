import { upgradeDescriptors } from '../catalog/descriptor/upgrade';
import { CatalogSnapshot } from '../catalog/snapshot';
import type { BackupManifest } from './format/gen/backup_pb';

/**
 * A manifest's descriptors as a catalog of their own: names and ids as the source cluster had them, in today's form.
 * The descriptors are upgraded in place.
 */
export function backupCatalog(manifest: BackupManifest, file: string): CatalogSnapshot {
  upgradeDescriptors(manifest.descriptors, file);
  return new CatalogSnapshot(0, manifest.descriptors);
}
