import { SqlError } from '../../../base/errors';
import { fileExists } from '../../../storage/external/external-storage';
import { openStorage } from '../../../storage/external/open-storage';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { type LayerLocation, locateLayers } from '../../chain';
import { FILE, fullBackupName, incrementalName, joinPath } from '../../format/layout';
import type { LocalityUris } from './localities';

/** What a BACKUP statement says of where to write. URLs are as the user gave them, secrets included. */
export type StatedPlace =
  | {
      readonly kind: 'collection';
      readonly uris: LocalityUris;
      /** `null`: a new full backup. */
      readonly subdirectory: string | { readonly latest: true } | null;
      readonly incrementalLocation: LocalityUris | undefined;
    }
  | {
      readonly kind: 'location';
      readonly uris: LocalityUris;
      readonly incrementalFrom: readonly string[];
    };

/** Where a layer is to lie, and the chain that it goes onto. */
export interface LayerPlace extends LocalityUris {
  readonly directory: string;
  readonly inCollection: boolean;
  /** The full backup first; none: it is a full backup itself. */
  readonly base?: readonly LayerLocation[];
  /** What job descriptions call the collection's subdirectory. */
  readonly shownDirectory?: string;
}

/**
 * Decides between full and incremental as CockroachDB does: onto a backup that is there already goes an incremental layer.
 * @param nowNanos names the layer
 * @throws SqlError undefinedFile (58P01) when a collection has no LATEST
 */
export async function placeLayer(
  stated: StatedPlace,
  nowNanos: bigint,
  storage: ExternalStorageOptions,
): Promise<LayerPlace> {
  const { uris } = stated;
  const { uri } = uris;
  if (stated.kind === 'location') {
    if (stated.incrementalFrom.length > 0) {
      const base = stated.incrementalFrom.map((each) => ({ uri: each, directory: '' }));
      return { ...uris, directory: '', inCollection: false, base };
    }
    if (!(await hasBackup(uri, '', storage))) {
      return { ...uris, directory: '', inCollection: false };
    }
    const base = await locateLayers({ kind: 'layers', uris: [allUris(uris)] }, storage);
    return { ...uris, directory: incrementalName(nowNanos), inCollection: false, base };
  }
  const { subdirectory, incrementalLocation } = stated;
  if (typeof subdirectory === 'string' && !(await hasBackup(uri, subdirectory, storage))) {
    refuseIncrementalLocation(incrementalLocation);
    return { ...uris, directory: subdirectory, inCollection: true };
  }
  if (subdirectory === null) {
    refuseIncrementalLocation(incrementalLocation);
    return { ...uris, directory: fullBackupName(nowNanos), inCollection: true };
  }
  const source = {
    kind: 'collection',
    subdirectory,
    collection: allUris(uris),
    ...(incrementalLocation === undefined
      ? {}
      : { incrementalLocation: allUris(incrementalLocation) }),
  } as const;
  const base = await locateLayers(source, storage);
  const shownDirectory = base[0]?.directory ?? '';
  return {
    ...(incrementalLocation ?? uris),
    directory: joinPath(shownDirectory, incrementalName(nowNanos)),
    inCollection: true,
    base,
    shownDirectory,
  };
}

async function hasBackup(
  uri: string,
  directory: string,
  options: ExternalStorageOptions,
): Promise<boolean> {
  const storage = await openStorage(uri, options);
  try {
    return await fileExists(storage, joinPath(directory, FILE.manifest));
  } finally {
    await storage.close();
  }
}

const allUris = ({ uri, partitions }: LocalityUris): string[] => [
  uri,
  ...partitions.map((partition) => partition.uri),
];

function refuseIncrementalLocation(location: LocalityUris | undefined): void {
  if (location === undefined) return;
  throw new SqlError(
    'invalidParameterValue',
    'incremental_location option only works with incremental backups into a collection',
  );
}
