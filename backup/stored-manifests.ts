import type { StoredManifest } from './format/manifest';

/** What is kept of all manifests of a chain: a large one is read again rather than held. */
const KEPT_BYTES_MAX = 16 << 20;

/** The manifests of a chain as one thread read them, so that the next one need not. Can be sent to threads. */
export class StoredManifests {
  readonly byLocation: ReadonlyMap<string, StoredManifest>;
  private readonly kept: Map<string, StoredManifest>;
  private keptBytes = 0;

  /** @param byLocation what another thread sent */
  constructor(byLocation: ReadonlyMap<string, StoredManifest> = new Map()) {
    this.kept = new Map(byLocation);
    this.byLocation = this.kept;
  }

  find(location: Place): StoredManifest | undefined {
    return this.kept.get(idOf(location));
  }

  keep(location: Place, manifest: StoredManifest): void {
    const { length } = manifest.bytes;
    if (this.kept.has(idOf(location)) || this.keptBytes + length > KEPT_BYTES_MAX) return;
    this.keptBytes += length;
    this.kept.set(idOf(location), manifest);
  }
}

interface Place {
  readonly uri: string;
  readonly directory: string;
}

const idOf = ({ uri, directory }: Place): string => JSON.stringify([uri, directory]);
