import { fromBinary } from '@bufbuild/protobuf';
import { CorruptionError } from '../base/errors';
import type { Connection } from '../storage/ranges/connection';
import { catalogVersion, listDescriptors } from '../storage/ranges/descriptor-rows';
import { listRoleMembers, listRoleOptions, listUsers } from '../storage/ranges/user-rows';
import { type Descriptor, DescriptorSchema } from './descriptor/gen/descriptor_pb';
import { RoleGraph } from './roles';
import { CatalogSnapshot } from './snapshot';

/** What became of the descriptors between two readings. Plain data: threads send it to each other. */
export interface CatalogChange {
  /** New and changed ones, encoded. */
  readonly changed: readonly { readonly id: number; readonly descriptor: Uint8Array }[];
  readonly removed: readonly number[];
}

interface Known {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/**
 * Reads the descriptors of a store again and again. Only those whose bytes differ are decoded: neither version numbers nor
 * ids tell them apart, as both are used again after a rollback.
 */
export class CatalogReader {
  private readonly known = new Map<number, Known>();

  /** Reads what the connection sees now. @returns what is different from the last time */
  refresh(db: Connection): CatalogChange {
    const changed: { id: number; descriptor: Uint8Array }[] = [];
    const seen = new Set<number>();
    for (const { id, descriptor: bytes } of listDescriptors(db)) {
      seen.add(id);
      const before = this.known.get(id);
      if (before !== undefined && Buffer.compare(before.bytes, bytes) === 0) continue;
      this.known.set(id, { bytes, descriptor: decodeDescriptor(id, bytes) });
      changed.push({ id, descriptor: bytes });
    }
    const removed = [...this.known.keys()].filter((id) => !seen.has(id));
    for (const id of removed) this.known.delete(id);
    return { changed, removed };
  }

  /** The catalog as the connection sees it now. */
  read(db: Connection): CatalogSnapshot {
    const version = catalogVersion(db);
    this.refresh(db);
    return new CatalogSnapshot(
      version,
      byId(this.known, ({ descriptor }) => descriptor),
      readRoles(db),
    );
  }
}

let lastPrivateVersion = 0;

/** Of a catalog that is not the store's of now: never a version of that, and never given twice. */
export const privateVersion = (): number => --lastPrivateVersion;

/** The catalog after a change, under a version of the caller's choice. */
export function withChange(
  catalog: CatalogSnapshot,
  change: CatalogChange,
  version: number,
  roles: RoleGraph,
): CatalogSnapshot {
  const descriptors = new Map<number, Descriptor>();
  for (const { id, descriptor } of catalog.entries()) descriptors.set(id, descriptor);
  for (const id of change.removed) descriptors.delete(id);
  for (const { id, descriptor } of change.changed)
    descriptors.set(id, decodeDescriptor(id, descriptor));
  return new CatalogSnapshot(
    version,
    byId(descriptors, (descriptor) => descriptor),
    roles,
  );
}

/** Changes of users, options and memberships raise the catalog's version, too. */
export function readRoles(db: Connection): RoleGraph {
  return new RoleGraph(listUsers(db), listRoleOptions(db), listRoleMembers(db));
}

function byId<T>(entries: ReadonlyMap<number, T>, of: (entry: T) => Descriptor): Descriptor[] {
  return [...entries].sort(([a], [b]) => a - b).map(([, entry]) => of(entry));
}

/** A descriptor of the store. @throws CorruptionError */
export function decodeDescriptor(id: number, bytes: Uint8Array): Descriptor {
  try {
    return fromBinary(DescriptorSchema, bytes);
  } catch (error) {
    throw new CorruptionError('store.db', undefined, `descriptor ${id} can't be read`, error);
  }
}
