import { isDeepStrictEqual } from 'node:util';

import { encodeTablePrefix } from '../../backup/format/datum/table-key';
import type { BackupManifest } from '../../backup/format/gen/backup_pb';
import type { Descriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import { descriptorProblems } from './descriptor-rules/descriptor-problems';

/**
 * What RESTORE AS OF reads of a layer WITH revision_history: at each time the descriptors are whole, and what they need has spans.
 * Source: format references 02 §8 and 07 §13.
 */
export async function revisionProblems(manifest: BackupManifest): Promise<readonly string[]> {
  const { descriptorChanges: changes, descriptors, completeDbs, spans } = manifest;
  if (changes.length === 0) return [];
  const [start, end] = [manifest.startTime?.wallTime ?? 0n, manifest.endTime?.wallTime ?? 0n];
  const lines: string[] = [];
  const state = new Map<number, Descriptor>();
  for (const [i, { time, id, desc }] of changes.entries()) {
    const at = time?.wallTime ?? 0n;
    const { modificationTime, id: own } = desc?.union.value ?? {};
    if (at < start || at > end) lines.push(`revision of ${id} at ${at}, outside of the layer`);
    if (at < (changes[i - 1]?.time?.wallTime ?? 0n)) lines.push(`revision of ${id} comes too late`);
    if (desc !== undefined && own !== id) lines.push(`revision of ${id} is of ${own}`);
    if ((modificationTime?.wallTime ?? 0n) > at) lines.push(`revision of ${id} is of before it`);
    if (desc === undefined) state.delete(id);
    else state.set(id, desc);
    if (changes[i + 1]?.time?.wallTime === at) continue;
    const there = [...state.values()].filter((each) => isWanted(each, state));
    const problems = await descriptorProblems(there, completeDbs);
    lines.push(...problems.map((line) => `at ${at}: ${line}`));
    for (const { union } of there) {
      if (
        union.case !== 'table' ||
        (union.value.viewQuery !== '' && !union.value.isMaterializedView)
      )
        continue;
      const { id: tableId, name, primaryIndex, indexes } = union.value;
      for (const index of [primaryIndex, ...indexes]) {
        const prefix = Buffer.from(encodeTablePrefix(tableId, index?.id ?? 0));
        const isCovered = spans.some(
          ({ key, endKey }) => prefix.compare(key) >= 0 && prefix.compare(endKey) < 0,
        );
        if (!isCovered) lines.push(`at ${at}: span of ${name}@${index?.name}`);
      }
    }
  }
  const last = descriptors.map((each) => each.union.value?.id ?? 0).sort();
  if (!isDeepStrictEqual([...state.keys()].sort(), last)) lines.push('revisions end otherwise');
  return lines;
}

/** What belongs to a database that is not there is left out. */
function isWanted({ union }: Descriptor, state: ReadonlyMap<number, Descriptor>): boolean {
  if (union.case === undefined || union.case === 'database') return true;
  return state.has(union.value.parentId);
}
