import { notSupported, SqlError } from '../base/errors';
import type { ExternalStorage } from '../storage/external/external-storage';
import { type ExternalStorageOptions, openStorage } from '../storage/external/open-storage';
import type { BackupManifest } from './format/gen/backup_pb';
import {
  joinPath,
  listCollectionIncrementals,
  listIncrementals,
  readLatest,
} from './format/layout';
import { readManifest } from './format/manifest';

/**
 * A backup chain: the full layer and its incremental ones, opened. Where the layers are is decided once (`locateLayers`) and
 * kept with the job, so that a resumed RESTORE reads the same ones.
 */

/** One layer: the location's URL as the user gave it, secrets included, and the directory below it. */
export interface LayerLocation {
  readonly uri: string;
  readonly directory: string;
}

/** What a statement names. */
export type ChainSource =
  | { readonly kind: 'layers'; readonly uris: readonly string[] }
  | {
      readonly kind: 'collection';
      /** Or `LATEST`: the newest full backup. */
      readonly subdirectory: string | { readonly latest: true };
      readonly collection: string;
    };

export interface BackupLayer {
  readonly location: LayerLocation;
  readonly storage: ExternalStorage;
  readonly manifest: BackupManifest;
}

/** Opens a location for a statement, with CockroachDB's prefix for what is wrong with the URL itself. */
export async function openLocation(
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  try {
    return await openStorage(uri, options);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw error.withMessage(`failed to open backup storage location: ${error.message}`);
  }
}

/**
 * Finds the layers of a chain: those listed, or a full backup and the incremental ones found beside it.
 * @throws SqlError undefinedFile (58P01) when a collection has no LATEST
 */
export async function locateLayers(
  source: ChainSource,
  options: ExternalStorageOptions,
): Promise<readonly LayerLocation[]> {
  if (source.kind === 'layers') return locateListed(source.uris, options);
  const storage = await openLocation(source.collection, options);
  try {
    const subdirectory =
      typeof source.subdirectory === 'string'
        ? source.subdirectory.replace(/^\/+|\/+$/g, '')
        : await readLatest(storage);
    const uri = source.collection;
    const incrementals = await listCollectionIncrementals(storage, subdirectory);
    return [subdirectory, ...incrementals].map((directory) => ({ uri, directory }));
  } finally {
    await storage.close();
  }
}

async function locateListed(
  uris: readonly string[],
  options: ExternalStorageOptions,
): Promise<readonly LayerLocation[]> {
  const listed = uris.map((uri) => ({ uri, directory: '' }));
  const [only] = listed;
  if (only === undefined) {
    throw new SqlError('invalidParameterValue', 'invalid base backup specified');
  }
  if (listed.length > 1) return listed; // an explicit chain is taken as it is written
  const storage = await openLocation(only.uri, options);
  try {
    const found = await listIncrementals(storage, '');
    return [only, ...found.map((directory) => ({ uri: only.uri, directory }))];
  } finally {
    await storage.close();
  }
}

/** The opened layers; `close` gives the storages back. */
export class BackupChain {
  readonly layers: readonly BackupLayer[];

  private constructor(layers: readonly BackupLayer[]) {
    this.layers = layers;
  }

  /** Reads every layer's manifest. @throws as `readManifest`. */
  static async open(
    locations: readonly LayerLocation[],
    options: ExternalStorageOptions,
  ): Promise<BackupChain> {
    const layers: BackupLayer[] = [];
    try {
      for (const location of locations) {
        const storage = await openLocation(location.uri, options);
        layers.push({ location, storage, ...(await readLayer(storage, location)) });
      }
      return new BackupChain(layers);
    } catch (error) {
      await Promise.all(layers.map((layer) => layer.storage.close()));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.layers.map((layer) => layer.storage.close()));
  }

  /** The newest layer: its descriptors are the ones restored. */
  get last(): BackupLayer {
    const layer = this.layers.at(-1);
    if (layer === undefined)
      throw new SqlError('invalidParameterValue', 'invalid base backup specified');
    return layer;
  }
}

async function readLayer(storage: ExternalStorage, location: LayerLocation) {
  const { manifest } = await readManifest(storage, location.directory);
  refuseWhatIsNotReadYet(manifest, location);
  return { manifest };
}

function refuseWhatIsNotReadYet(manifest: BackupManifest, location: LayerLocation): void {
  if (manifest.localityKvs.length > 0) {
    throw notSupported(
      'a locality-aware backup',
      'Its layers are spread over several locations. Restore it with CockroachDB for now.',
    );
  }
  if (
    location.uri.includes('COCKROACH_LOCALITY=') &&
    !/COCKROACH_LOCALITY=default(&|$)/.test(location.uri)
  ) {
    throw new SqlError(
      'invalidParameterValue',
      'COCKROACH_LOCALITY must be "default" for a single location',
    );
  }
}

/** The URL of a layer's directory: what job descriptions show once secrets are redacted. */
export function layerUri(location: LayerLocation): string {
  if (location.directory === '') return location.uri;
  const [path = '', query] = location.uri.split('?', 2);
  const joined = `${path.replace(/\/+$/, '')}/${location.directory}`;
  return query === undefined ? joined : `${joined}?${query}`;
}

/** A file's path below the storage of its layer. */
export function filePath(layer: BackupLayer, path: string): string {
  return joinPath(layer.location.directory, path);
}
