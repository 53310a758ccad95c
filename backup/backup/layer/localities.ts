import { SqlError } from '../../../base/errors';
import type { LocalityTier } from '../../../catalog/topology';

/** Destinations of a BACKUP by locality (format reference 01 §7). */

export interface LocalityUris {
  /** Of what is nowhere else, and of the manifest. */
  readonly uri: string;
  /** Empty for a backup that has one location. */
  readonly partitions: readonly Partition[];
}

export interface Partition {
  /** `key=value` of a tier. */
  readonly locality: string;
  readonly uri: string;
}

const PARAMETER = /([?&])COCKROACH_LOCALITY=([^&#]*)(&?)/;
const DEFAULT = 'default';

/** The locality that a URL names, and the URL without it, all else as it was written. */
function splitUri(uri: string): { readonly locality: string | undefined; readonly uri: string } {
  const match = PARAMETER.exec(uri);
  if (match === null) return { locality: undefined, uri };
  const [whole, before = '', value = '', after] = match;
  const rest = uri.slice(match.index + whole.length);
  const kept = after === '&' ? before : '';
  let locality: string;
  try {
    locality = decodeURIComponent(value.replaceAll('+', ' '));
  } catch (error) {
    throw new SqlError('invalidParameterValue', 'failed to parse backup locality', {
      cause: error,
    });
  }
  return { locality, uri: `${uri.slice(0, match.index)}${kept}${rest}` };
}

/** @throws SqlError invalidParameterValue (22023) in CockroachDB's words */
export function localityUris(uris: readonly string[]): LocalityUris {
  const split = uris.map(splitUri);
  const [only, ...others] = split;
  if (only !== undefined && others.length === 0) {
    if (only.locality === undefined || only.locality === DEFAULT) {
      return { uri: only.uri, partitions: [] };
    }
    throw invalid(`COCKROACH_LOCALITY ${only.locality} is invalid for a single BACKUP location`);
  }
  let found: string | undefined;
  const partitions: Partition[] = [];
  for (const { locality, uri } of split) {
    if (locality === undefined || locality === '') {
      throw invalid(
        'multiple URLs are provided for partitioned BACKUP, but COCKROACH_LOCALITY is not specified',
      );
    }
    if (locality === DEFAULT) {
      if (found !== undefined) throw invalid('multiple default URLs provided for partition backup');
      found = uri;
      continue;
    }
    if (!/^[^=,\s]+=[^=,\s]+$/.test(locality)) throw invalid('failed to parse backup locality');
    if (partitions.some((each) => each.locality === locality)) {
      throw invalid(`duplicate URIs for locality ${locality}`);
    }
    partitions.push({ locality, uri });
  }
  if (found === undefined) throw invalid('no default URL provided for partitioned backup');
  return { uri: found, partitions };
}

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);

/** Where a node writes: the most specific of its tiers counts. @returns undefined: to the default location */
export function partitionOf(
  partitions: readonly Partition[],
  tiers: readonly LocalityTier[],
): Partition | undefined {
  for (const { key, value } of [...tiers].reverse()) {
    const found = partitions.find(({ locality }) => locality === `${key}=${value}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Name of the descriptor of a locality's part. @param number from 1 */
export const partName = (number: number, locality: string): string =>
  `BACKUP_PART_${number}_${locality.replace(/[^A-Za-z0-9\-=]/g, '_')}`;
