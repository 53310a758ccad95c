import { SqlError } from '../base/errors';
import type { Timestamp } from '../catalog/descriptor/gen/common_pb';
import type { Descriptor } from '../catalog/descriptor/gen/descriptor_pb';
import { headerOf } from '../catalog/snapshot';
import { type BackupManifest, BackupManifest_MvccFilter } from './format/gen/backup_pb';
import type { HlcTime } from './format/mvcc/version-iterator';

/** RESTORE … AS OF SYSTEM TIME: which layers of a chain, and which descriptors (format reference 02 §8, 07 §4). */

const timeOf = (timestamp: Timestamp | undefined): HlcTime => ({
  wallTime: timestamp?.wallTime ?? 0n,
  logical: timestamp?.logical ?? 0,
});

const isBefore = (a: HlcTime, b: HlcTime): boolean =>
  a.wallTime === b.wallTime ? a.logical < b.logical : a.wallTime < b.wallTime;

const isSame = (a: HlcTime, b: HlcTime): boolean =>
  a.wallTime === b.wallTime && a.logical === b.logical;

/** `2026-11-22 17:13:36.11248042 +0000 UTC` */
function utcText({ wallTime }: HlcTime): string {
  const seconds = new Date(Number(wallTime / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(wallTime % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${seconds.replace('T', ' ')}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}

function invalid(message: string): SqlError {
  return new SqlError('invalidParameterValue', `invalid RESTORE timestamp: ${message}`);
}

/** How many layers of the chain it takes to restore `time`. @throws SqlError 22023 naming the times that can be restored */
export function layersAsOf(manifests: readonly BackupManifest[], time: HlcTime): number {
  for (const [i, manifest] of manifests.entries()) {
    const start = timeOf(manifest.startTime);
    const end = timeOf(manifest.endTime);
    if (!isBefore(start, time) || isBefore(end, time)) continue;
    if (isSame(time, end)) return i + 1;
    if (manifest.mvccFilter !== BackupManifest_MvccFilter.ALL) {
      const nearest =
        i === 0
          ? `nearest backup time is ${utcText(end)}`
          : `nearest BACKUP times are ${utcText(start)} or ${utcText(end)}`;
      throw invalid(
        'restoring to arbitrary time requires that BACKUP for requested time be created ' +
          `with 'revision_history' option. ${nearest}`,
      );
    }
    const history = timeOf(manifest.revisionStartTime);
    if (!isBefore(history, time)) {
      throw invalid(`BACKUP for requested time only has revision history from ${utcText(history)}`);
    }
    return i + 1;
  }
  throw invalid('supplied backups do not cover requested time');
}

/** The descriptors of a layer as they were at `time`. Changes are ordered by time. */
export function descriptorsAsOf(manifest: BackupManifest, time: HlcTime): Descriptor[] {
  const { descriptorChanges } = manifest;
  if (descriptorChanges.length === 0 || isSame(time, timeOf(manifest.endTime))) {
    return manifest.descriptors;
  }
  const byId = new Map<number, Descriptor>();
  for (const { id, time: changed, desc } of descriptorChanges) {
    if (isBefore(time, timeOf(changed))) break;
    if (desc === undefined) byId.delete(id);
    else byId.set(id, desc);
  }
  return [...byId.values()].filter((descriptor) => {
    const databaseId = headerOf(descriptor)?.databaseId ?? 0;
    return databaseId === 0 || byId.has(databaseId);
  });
}
