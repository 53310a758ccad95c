import { decodeMessage } from '../../catalog/descriptor/decode';
import {
  type ConstraintsConjunction,
  type ZoneConfig as StoredConfig,
  ZoneConfigSchema,
  type ZoneConstraint,
  ZoneConstraint_Type,
} from '../../catalog/descriptor/gen/zone_pb';
import type { ZoneConfig, ZoneField } from '../../catalog/zones';
import type { ZoneRow } from '../../storage/ranges/zone-rows';

/** Rows of system.zones, as CockroachDB stores them, to what is kept of zones here. */

/** @throws CorruptionError naming `file` */
export function zoneRows(id: number, config: Uint8Array, file: string): ZoneRow[] {
  const stored = decodeMessage(ZoneConfigSchema, config, file);
  const own = zoneConfig(stored);
  // A zone that only carries those of its indexes sets nothing itself.
  const isPlaceholder = stored.subzones.length > 0 && Object.keys(own).length === 0;
  const rows: ZoneRow[] = isPlaceholder ? [] : [{ id, subId: 0, config: JSON.stringify(own) }];
  for (const { indexId, partitionName, config: inner } of stored.subzones) {
    if (inner === undefined || partitionName !== '') continue; // nothing is partitioned here
    rows.push({ id, subId: indexId, config: JSON.stringify(zoneConfig(inner)) });
  }
  return rows;
}

function zoneConfig(stored: StoredConfig): ZoneConfig {
  const config: { [F in ZoneField]?: string } = {};
  if (stored.rangeMinBytes !== 0n) config.range_min_bytes = String(stored.rangeMinBytes);
  if (stored.rangeMaxBytes !== 0n) config.range_max_bytes = String(stored.rangeMaxBytes);
  if (stored.gc !== undefined) config['gc.ttlseconds'] = String(stored.gc.ttlSeconds);
  if (stored.globalReads) config.global_reads = 'true';
  if (stored.numReplicas !== 0) config.num_replicas = String(stored.numReplicas);
  if (stored.numVoters !== 0) config.num_voters = String(stored.numVoters);
  if (!stored.inheritedConstraints) config.constraints = conjunctions(stored.constraints);
  if (stored.voterConstraints.length > 0) {
    config.voter_constraints = conjunctions(stored.voterConstraints);
  }
  if (!stored.inheritedLeasePreferences) {
    const preferences = stored.leasePreferences.map(
      ({ constraints }) => `[${constraints.map(constraintText).join(', ')}]`,
    );
    config.lease_preferences = `[${preferences.join(', ')}]`;
  }
  return config;
}

/** `[+region=a]` for all replicas, `{+region=a: 1, +region=b: 2}` for some each. */
function conjunctions(all: readonly ConstraintsConjunction[]): string {
  if (all.every(({ numReplicas }) => numReplicas === 0)) {
    return `[${all.flatMap(({ constraints }) => constraints.map(constraintText)).join(', ')}]`;
  }
  const each = all.map(
    ({ constraints, numReplicas }) =>
      `${constraints.map(constraintText).join(',')}: ${numReplicas}`,
  );
  return `{${each.join(', ')}}`;
}

const SIGNS: ReadonlyMap<number, string> = new Map([
  [ZoneConstraint_Type.REQUIRED, '+'],
  [ZoneConstraint_Type.PROHIBITED, '-'],
]);

function constraintText({ type, key, value }: ZoneConstraint): string {
  return `${SIGNS.get(type) ?? ''}${key === '' ? value : `${key}=${value}`}`;
}
