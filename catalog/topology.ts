import type { Connection } from '../storage/ranges/connection';
import { readDeclaration, writeDeclaration } from '../storage/ranges/store-info';

/**
 * Where the one node stands and which regions the cluster is declared to have (`--locality`, `--cluster-regions`). It lies in
 * the store, so that every thread with a connection knows it.
 */

/** `region=us-east1` of a locality, from the outermost tier to the innermost. */
export interface LocalityTier {
  readonly key: string;
  readonly value: string;
}

export interface Topology {
  readonly locality: readonly LocalityTier[];
  /** Declared beside the node's own. */
  readonly clusterRegions: readonly string[];
}

export interface ClusterRegion {
  readonly name: string;
  /** Of the nodes there; none for regions that are only declared. */
  readonly zones: readonly string[];
}

export const NO_TOPOLOGY: Topology = { locality: [], clusterRegions: [] };

/** As `--locality` takes it and SHOW LOCALITY gives it. */
export const localityText = (tiers: readonly LocalityTier[]): string =>
  tiers.map(({ key, value }) => `${key}=${value}`).join(',');

/** @returns undefined when the text is no list of `key=value` */
export function parseLocality(text: string): LocalityTier[] | undefined {
  if (text === '') return [];
  const tiers = text.split(',').map((part) => /^([^=,\s]+)=([^=,\s]+)$/.exec(part));
  if (tiers.some((match) => match === null)) return undefined;
  return tiers.map((match) => ({ key: match?.[1] ?? '', value: match?.[2] ?? '' }));
}

const LOCALITY = 'locality';
const CLUSTER_REGIONS = 'cluster_regions';

export function writeTopology(db: Connection, topology: Topology): void {
  writeDeclaration(db, LOCALITY, localityText(topology.locality));
  writeDeclaration(db, CLUSTER_REGIONS, topology.clusterRegions.join(','));
}

export function readTopology(db: Connection): Topology {
  const regions = readDeclaration(db, CLUSTER_REGIONS) ?? '';
  return {
    locality: parseLocality(readDeclaration(db, LOCALITY) ?? '') ?? [],
    clusterRegions: regions === '' ? [] : regions.split(','),
  };
}

/** The value of a tier; undefined: the locality has no such tier. */
export const tierOf = (locality: readonly LocalityTier[], key: string): string | undefined =>
  locality.find((tier) => tier.key === key)?.value;

/** Tiers that name an availability zone, the first that is there counts. Source: SHOW REGIONS of CockroachDB v21.2. */
const ZONE_KEYS = ['az', 'availability-zone', 'zone'];

/** The cluster's regions, sorted by name. */
export function clusterRegions({ locality, clusterRegions }: Topology): ClusterRegion[] {
  const own = tierOf(locality, 'region');
  const zone = ZONE_KEYS.map((key) => tierOf(locality, key)).find((value) => value !== undefined);
  const names = new Set([...clusterRegions, ...(own === undefined ? [] : [own])]);
  return [...names].sort().map((name) => ({
    name,
    zones: name === own && zone !== undefined ? [zone] : [],
  }));
}
