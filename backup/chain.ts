import { mapConcurrently } from '../base/concurrently';
import { SqlError } from '../base/errors';
import { defined } from '../base/invariant';
import {
  type ExternalFile,
  type ExternalStorage,
  isMissingFile,
} from '../storage/external/external-storage';
import { openStorage } from '../storage/external/open-storage';
import type { ExternalStorageOptions } from '../storage/external/storage-options';
import { descriptorsAsOf, layersAsOf } from './as-of';
import { type DataFile, openDataFile } from './data-files';
import { decryptBytes } from './encryption';
import { type ChainKey, type EncryptionSecret, findKey } from './encryption-secret';
import type { BackupManifest, BackupManifest_File } from './format/gen/backup_pb';
import {
  FILE,
  joinPath,
  listCollectionIncrementals,
  listIncrementals,
  readLatest,
} from './format/layout';
import { type Decrypt, readManifest, readPartitionDescriptor } from './format/manifest';
import type { HlcTime } from './format/mvcc/version-iterator';
import type { StoredManifests } from './stored-manifests';

/**
 * A backup chain: the full layer and its incremental ones, opened. Where the layers are is decided once (`locateLayers`) and
 * kept with the job, so that a resumed RESTORE reads the same ones.
 */

/** One layer: the location's URL as the user gave it, secrets included, and the directory below it. */
export interface LayerLocation {
  readonly uri: string;
  readonly directory: string;
  /** Locations of other localities: the same directory below them. */
  readonly partitions?: readonly string[];
}

/** What a statement names. A list of URIs is one layer with a location for each locality, that of the manifest first. */
export type ChainSource =
  | { readonly kind: 'layers'; readonly uris: readonly (string | readonly string[])[] }
  | {
      readonly kind: 'collection';
      /** Or `LATEST`: the newest full backup. */
      readonly subdirectory: string | { readonly latest: true };
      readonly collection: string | readonly string[];
      /** Where the incremental layers are, in directories of the subdirectory's name; undefined: in the collection. */
      readonly incrementalLocation?: string | readonly string[];
    };

export interface BackupLayer {
  readonly location: LayerLocation;
  readonly storage: ExternalStorage;
  readonly manifest: BackupManifest;
  /** Storages of other localities, by `File.localityKv`. */
  readonly partitions: ReadonlyMap<string, ExternalStorage>;
  /** Their locations' URLs likewise. */
  readonly partitionUris: ReadonlyMap<string, string>;
  /** Descriptors of parts that no location has. */
  readonly missingParts: readonly string[];
}

/** How a chain is read. */
export interface ChainOptions {
  readonly storage: ExternalStorageOptions;
  /** Of an encrypted backup. */
  readonly key?: Uint8Array;
  /** Leaves out what is newer: later layers, and later forms of descriptors. */
  readonly asOf?: HlcTime;
  /** Parts of other localities need not be there: `locate` asks for those whose data is read. */
  readonly withoutParts?: boolean;
  /** Manifests that were read before are taken from here, others are added. */
  readonly manifests?: StoredManifests;
}

/** Layers whose manifests are read side by side. */
const LAYERS_AT_ONCE = 8;

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

function located(uris: string | readonly string[], directory: string): LayerLocation {
  if (typeof uris === 'string') return { uri: uris, directory };
  const [uri, ...partitions] = uris;
  if (uri === undefined) throw noBase();
  return partitions.length === 0 ? { uri, directory } : { uri, directory, partitions };
}

const noBase = (): SqlError =>
  new SqlError('invalidParameterValue', 'invalid base backup specified');

/**
 * Finds the layers of a chain: those listed, or a full backup and the incremental ones found beside it.
 * @throws SqlError undefinedFile (58P01) when a collection has no LATEST
 */
export async function locateLayers(
  source: ChainSource,
  options: ExternalStorageOptions,
): Promise<readonly LayerLocation[]> {
  if (source.kind === 'layers') return locateListed(source.uris, options);
  const { collection, incrementalLocation } = source;
  return await withStorage(located(collection, '').uri, options, async (storage) => {
    const subdirectory =
      typeof source.subdirectory === 'string'
        ? source.subdirectory.replace(/^\/+|\/+$/g, '')
        : await readLatest(storage);
    const full = located(collection, subdirectory);
    if (incrementalLocation !== undefined) {
      const found = await withStorage(located(incrementalLocation, '').uri, options, (other) =>
        listIncrementals(other, subdirectory),
      );
      return [full, ...found.map((directory) => located(incrementalLocation, directory))];
    }
    const incrementals = await listCollectionIncrementals(storage, subdirectory);
    return [full, ...incrementals.map((directory) => located(collection, directory))];
  });
}

/** Opens a location for `body` and closes it again. @throws as `openLocation` */
export async function withStorage<T>(
  uri: string,
  options: ExternalStorageOptions,
  body: (storage: ExternalStorage) => Promise<T>,
): Promise<T> {
  const storage = await openLocation(uri, options);
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}

async function locateListed(
  uris: readonly (string | readonly string[])[],
  options: ExternalStorageOptions,
): Promise<readonly LayerLocation[]> {
  const [only, ...others] = uris;
  if (only === undefined) throw noBase();
  // An explicit chain is taken as it is written.
  if (others.length > 0) return uris.map((each) => located(each, ''));
  return await withStorage(located(only, '').uri, options, async (storage) => {
    const found = await listBeside(storage);
    return [located(only, ''), ...found.map((directory) => located(only, directory))];
  });
}

/** A location that can't be listed is told of in the words for its manifest, where that is what is wrong. */
async function listBeside(storage: ExternalStorage): Promise<string[]> {
  try {
    return await listIncrementals(storage, '');
  } catch (error) {
    const file = await storage.open(FILE.manifest);
    await file.close();
    throw error;
  }
}

/** The opened layers; `close` gives the storages back. */
export class BackupChain {
  readonly layers: readonly BackupLayer[];
  readonly asOf: HlcTime | undefined;
  private readonly key: Uint8Array | undefined;
  private readonly storages: readonly ExternalStorage[];
  private readonly storageByUri = new Map<string, ExternalStorage>();
  private readonly sharedPaths = new Map<BackupLayer, ReadonlySet<string>>();

  private constructor(
    layers: readonly BackupLayer[],
    storages: readonly ExternalStorage[],
    { key, asOf }: ChainOptions,
  ) {
    this.layers = layers;
    this.storages = storages;
    this.key = key;
    this.asOf = asOf;
    for (const { location, storage, partitions, partitionUris } of layers) {
      this.storageByUri.set(location.uri, storage);
      for (const [locality, part] of partitions) {
        this.storageByUri.set(defined(partitionUris.get(locality), 'URL of a part'), part);
      }
    }
  }

  /** Reads every layer's manifest. @throws as `readManifest`; SqlError 22023 for a time that the chain does not cover */
  static async open(
    locations: readonly LayerLocation[],
    options: ChainOptions,
  ): Promise<BackupChain> {
    const opened: ExternalStorage[] = [];
    try {
      const layers = await mapConcurrently(locations, LAYERS_AT_ONCE, (location) =>
        openLayer(location, options, opened),
      );
      return new BackupChain(keptLayers(layers, options.asOf), opened, options);
    } catch (error) {
      await Promise.all(opened.map((storage) => storage.close()));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.storages.map((storage) => storage.close()));
  }

  /** The newest layer: its descriptors are the ones restored. */
  get last(): BackupLayer {
    const layer = this.layers.at(-1);
    if (layer === undefined) throw noBase();
    return layer;
  }

  /** Where a layer's data file is. @throws as `requirePart` */
  locate(layer: BackupLayer, file: BackupManifest_File): DataFile {
    requirePart(layer, file);
    const uri = layer.partitionUris.get(file.localityKv) ?? layer.location.uri;
    return { uri, path: joinPath(layer.location.directory, file.path) };
  }

  /** Whether a data file has several entries in its layer's manifest. */
  isShared(layer: BackupLayer, file: BackupManifest_File): boolean {
    let shared = this.sharedPaths.get(layer);
    if (shared === undefined) {
      shared = repeatedPaths(layer.manifest.files);
      this.sharedPaths.set(layer, shared);
    }
    return shared.has(file.path);
  }

  /** A data file of the chain, decrypted. @throws SqlError undefinedFile (58P01) */
  async open(file: DataFile): Promise<ExternalFile> {
    const storage = defined(this.storageByUri.get(file.uri), 'location of the chain');
    return await openDataFile(storage, file, this.key);
  }

  /** Turns the bytes of the chain's small files into what they were; undefined: they are not encrypted. */
  get decrypt(): Decrypt | undefined {
    return decryptWith(this.key);
  }
}

/** @throws SqlError undefinedFile (58P01) when a file is in a part of the layer that no location has */
export function requirePart(
  { missingParts, partitions }: BackupLayer,
  { localityKv }: BackupManifest_File,
): void {
  const [missing] = missingParts;
  if (missing === undefined || partitions.has(localityKv)) return;
  if (localityKv !== '' && localityKv !== DEFAULT_LOCALITY) throw missingPart(missing);
}

/** Files in the location of the manifest. */
const DEFAULT_LOCALITY = 'default';

const missingPart = (name: string): SqlError =>
  new SqlError('undefinedFile', `expected manifest ${name} not found in backup locations`, {
    hint: 'Name a location for every locality: (uri of the default, uri, …).',
  });

function repeatedPaths(files: readonly BackupManifest_File[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { path } of files) (seen.has(path) ? repeated : seen).add(path);
  return repeated;
}

function decryptWith(key: Uint8Array | undefined): Decrypt | undefined {
  return key === undefined ? undefined : (bytes, file) => decryptBytes(bytes, key, file);
}

function keptLayers(layers: BackupLayer[], asOf: HlcTime | undefined): BackupLayer[] {
  if (asOf === undefined) return layers;
  const manifests = layers.map((layer) => layer.manifest);
  const kept = layers.slice(0, layersAsOf(manifests, asOf));
  const last = kept.at(-1)?.manifest;
  if (last !== undefined) last.descriptors = descriptorsAsOf(last, asOf);
  return kept;
}

async function openLayer(
  location: LayerLocation,
  { storage: options, key, manifests, withoutParts = false }: ChainOptions,
  opened: ExternalStorage[],
): Promise<BackupLayer> {
  refuseLocality(location);
  const storage = await openLocation(location.uri, options);
  opened.push(storage);
  const decrypt = decryptWith(key);
  const known = manifests?.find(location);
  const { manifest, stored } = await readManifest(storage, location.directory, decrypt, known);
  manifests?.keep(location, stored);
  const { parts, missingParts } = await openPartitions(
    location,
    manifest,
    options,
    opened,
    decrypt,
  );
  const partitions = new Map([...parts].map(([locality, part]) => [locality, part.storage]));
  const partitionUris = new Map([...parts].map(([locality, part]) => [locality, part.uri]));
  const [missing] = missingParts;
  if (missing !== undefined && !withoutParts) throw missingPart(missing);
  return { location, storage, manifest, partitions, partitionUris, missingParts };
}

/**
 * Finds each locality's part of a layer by the descriptor that is there.
 * @throws SqlError 22023 for parts of another backup
 */
async function openPartitions(
  { directory, partitions = [] }: LayerLocation,
  manifest: BackupManifest,
  options: ExternalStorageOptions,
  opened: ExternalStorage[],
  decrypt: Decrypt | undefined,
): Promise<{
  readonly parts: ReadonlyMap<string, LocatedStorage>;
  readonly missingParts: readonly string[];
}> {
  const parts = new Map<string, LocatedStorage>();
  const missingParts: string[] = [];
  if (manifest.partitionDescriptorFilenames.length === 0) return { parts, missingParts };
  const storages: LocatedStorage[] = [];
  for (const uri of partitions) {
    const storage = await openLocation(uri, options);
    opened.push(storage);
    storages.push({ uri, storage });
  }
  for (const name of manifest.partitionDescriptorFilenames) {
    const part = await findPart(storages, joinPath(directory, name), decrypt);
    if (part === undefined) {
      missingParts.push(name);
      continue;
    }
    const { localityKv, backupId } = part.descriptor;
    if (Buffer.compare(backupId, manifest.id) !== 0) {
      throw new SqlError(
        'invalidParameterValue',
        `expected backup part to have backup ID ${uuidText(manifest.id)}, found ${uuidText(backupId)}`,
      );
    }
    if (parts.has(localityKv)) {
      const message = `duplicate locality ${localityKv} found in backup`;
      throw new SqlError('invalidParameterValue', message);
    }
    parts.set(localityKv, part.located);
  }
  return { parts, missingParts };
}

interface LocatedStorage {
  readonly uri: string;
  readonly storage: ExternalStorage;
}

async function findPart(
  storages: readonly LocatedStorage[],
  path: string,
  decrypt: Decrypt | undefined,
) {
  for (const located of storages) {
    try {
      const descriptor = await readPartitionDescriptor(located.storage, path, decrypt);
      return { located, descriptor };
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
  }
  return undefined;
}

const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const LOCALITY = /[?&]COCKROACH_LOCALITY=([^&]*)/;

/** The locality of a URL says nothing here: parts are found by their descriptors. Only what can't be meant is refused. */
function refuseLocality({ uri, partitions = [] }: LayerLocation): void {
  const locality = LOCALITY.exec(uri)?.[1];
  if (partitions.length > 0 || locality === undefined || locality === 'default') return;
  throw new SqlError(
    'invalidParameterValue',
    `COCKROACH_LOCALITY ${decodeURIComponent(locality)} is invalid for a single BACKUP location`,
  );
}

/** The URLs of a layer's directory, that of the manifest first: what job descriptions show once secrets are redacted. */
export function layerUris(location: LayerLocation): string[] {
  return [location.uri, ...(location.partitions ?? [])].map((uri) =>
    layerUri({ uri, directory: location.directory }),
  );
}

/** The URL of a layer's directory: what job descriptions show once secrets are redacted. */
export function layerUri(location: LayerLocation): string {
  if (location.directory === '') return location.uri;
  const [path = '', query] = location.uri.split('?', 2);
  const joined = `${path.replace(/\/+$/, '')}/${location.directory}`;
  return query === undefined ? joined : `${joined}?${query}`;
}

/** The key of an encrypted chain. @throws SqlError undefinedFile (58P01) when its full backup is not encrypted */
export async function chainKey(
  [base]: readonly LayerLocation[],
  secret: EncryptionSecret,
  options: ExternalStorageOptions,
): Promise<ChainKey> {
  if (base === undefined) throw noBase();
  return await withStorage(base.uri, options, (storage) =>
    findKey(storage, base.directory, secret, { options }),
  );
}
