import { notSupported, SqlError } from '../../base/errors';
import type { Version } from '../../catalog/descriptor/gen/common_pb';
import { DatumReader } from '../format/datum/datum-reader';
import { KeyMarker } from '../format/datum/value-type';
import type { BackupManifest } from '../format/gen/backup_pb';

/** Where a backup comes from: clusters that are too new, and tenants. Texts as CockroachDB's (format reference 07 §6). */

/** What this program restores: backups of clusters up to this version. */
const CLUSTER_VERSION_MAX = { major: 21, minor: 2 } as const;

/** @throws SqlError featureNotSupported (0A000) */
export function refuseNewer(version: Version | undefined): void {
  if (version === undefined || version.majorVal === 0) return;
  const { majorVal, minorVal, internal } = version;
  const { major, minor } = CLUSTER_VERSION_MAX;
  // Steps towards the next release count after the release.
  const isKnown =
    majorVal < major ||
    (majorVal === major && (minorVal < minor || (minorVal === minor && internal === 0)));
  if (isKnown) return;
  const step = internal === 0 ? '' : `-${internal}`;
  throw new SqlError(
    'featureNotSupported',
    `backup from version ${majorVal}.${minorVal}${step} is newer than current version ${major}.${minor}`,
  );
}

/**
 * A tenant's own backup, and tenants in the backup of a cluster: there are none here.
 * @throws SqlError objectNotInPrerequisiteState (55000), featureNotSupported (0A000)
 */
export function refuseTenants(
  { spans, tenants, deprecatedTenants }: BackupManifest,
  whole: boolean,
): void {
  const id = tenantOf(spans[0]?.key);
  if (id !== undefined) {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      whole
        ? `cannot cluster RESTORE backups taken from different tenant: ${id}`
        : 'cannot restore tenant backups into system tenant',
    );
  }
  if (whole && tenants.length + deprecatedTenants.length > 0) {
    throw notSupported('restoring the tenants of a cluster', 'Restore its databases by name.');
  }
}

function tenantOf(key: Uint8Array | undefined): number | undefined {
  if (key === undefined || key[0] !== KeyMarker.Tenant) return undefined;
  const reader = new DatumReader('span of a manifest');
  reader.reset(key);
  reader.position = 1;
  return reader.keyUnsignedNumber();
}
