import type { ZoneRow } from '../storage/ranges/zone-rows';

/** Zone configurations: which fields there are, what the cluster starts with, what a zone inherits. */

/** In the order in which CockroachDB prints them. */
export const ZONE_FIELDS = [
  'range_min_bytes',
  'range_max_bytes',
  'gc.ttlseconds',
  'global_reads',
  'num_replicas',
  'num_voters',
  'constraints',
  'voter_constraints',
  'lease_preferences',
] as const;

export type ZoneField = (typeof ZONE_FIELDS)[number];

/** Values as they are printed, without quotes. */
export type ZoneConfig = { readonly [F in ZoneField]?: string };

const TEXT_FIELDS: ReadonlySet<ZoneField> = new Set([
  'constraints',
  'voter_constraints',
  'lease_preferences',
]);

const DEFAULT_CONFIG: ZoneConfig = {
  range_min_bytes: '134217728',
  range_max_bytes: '536870912',
  'gc.ttlseconds': '90000',
  num_replicas: '3',
  constraints: '[]',
  lease_preferences: '[]',
};

/** Ranges that have zones by name. Source: CockroachDB, keys of the system's ranges. */
export const NAMED_ZONES: ReadonlyMap<string, number> = new Map([
  ['default', 0],
  ['meta', 16],
  ['system', 17],
  ['timeseries', 18],
  ['liveness', 22],
]);

const SYSTEM_DATABASE_ID = 1;
const FIVE = { ...DEFAULT_CONFIG, num_replicas: '5' };

/** What a new cluster has configured. Source: v21.2's SHOW ZONE CONFIGURATIONS. */
const INITIAL: ReadonlyMap<number, ZoneConfig> = new Map([
  [0, DEFAULT_CONFIG],
  [SYSTEM_DATABASE_ID, FIVE],
  [16, { ...FIVE, 'gc.ttlseconds': '3600' }],
  [17, FIVE],
  [22, { ...FIVE, 'gc.ttlseconds': '600' }],
]);

export interface Zone {
  readonly id: number;
  readonly subId: number;
  readonly config: ZoneConfig;
  /** Of a partition of the index. */
  readonly partition?: string;
}

/**
 * All zones that are configured, by id.
 * @param rows what was set
 * @param regional what follows from regions (`region-zones.ts`): nothing else counts for its fields
 */
export function configuredZones(rows: readonly ZoneRow[], regional: readonly Zone[] = []): Zone[] {
  const set = new Set(rows.filter((row) => row.subId === 0).map((row) => row.id));
  const initial = [...INITIAL].flatMap(([id, config]) =>
    set.has(id) ? [] : [{ id, subId: 0, config }],
  );
  const own = rows.flatMap(({ id, subId, config }) =>
    config === null ? [] : [{ id, subId, config: JSON.parse(config) as ZoneConfig }],
  );
  const all = [...initial, ...own];
  for (const zone of regional) {
    const at = all.findIndex((other) => isSameZone(other, zone));
    if (at < 0) all.push(zone);
    else all[at] = { ...zone, config: { ...all[at]?.config, ...zone.config } };
  }
  return all.sort((a, b) => a.id - b.id || a.subId - b.subId);
}

const isSameZone = (a: Zone, b: Zone): boolean =>
  a.id === b.id && a.subId === b.subId && a.partition === b.partition;

/** Whether the program configures the zone by itself. */
export const isInitialZone = (id: number, subId: number): boolean => subId === 0 && INITIAL.has(id);

/** @param chain the innermost zone first; what an inner one does not say, an outer one does */
export function effectiveConfig(chain: readonly (ZoneConfig | undefined)[]): ZoneConfig {
  const all: { [F in ZoneField]?: string } = { ...DEFAULT_CONFIG };
  for (const config of [...chain].reverse()) Object.assign(all, config);
  return all;
}

/** `field = value` of what is set, as it is printed. */
export function zoneSettings(config: ZoneConfig): string[] {
  return ZONE_FIELDS.flatMap((field) => {
    const value = config[field];
    if (value === undefined) return [];
    const quoted = TEXT_FIELDS.has(field) ? `'${value.replaceAll("'", "''")}'` : value;
    return [`${field} = ${quoted}`];
  });
}

/** The statement that configures the zone so. @param target e.g. `TABLE t` */
export function zoneSql(target: string, config: ZoneConfig): string {
  const settings = zoneSettings(config);
  const list = settings.length === 0 ? '' : `\n\t${settings.join(',\n\t')}`;
  return `ALTER ${target} CONFIGURE ZONE USING${list}`;
}
