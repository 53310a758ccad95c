import { create, toBinary } from '@bufbuild/protobuf';
import { wallNanos } from '../base/clock';
import { invariant } from '../base/invariant';
import type { Connection } from '../storage/ranges/connection';
import { catalogVersion, deleteDescriptor, putDescriptor } from '../storage/ranges/descriptor-rows';
import { putRoleMember, putUser } from '../storage/ranges/user-rows';
import type { WriteLock } from '../storage/ranges/write-lock';
import { deleteZonesOf } from '../storage/ranges/zone-rows';
import { CatalogReader } from './catalog-reader';
import { DEFAULTDB_ID, POSTGRES_ID, SYSTEM_DATABASE_ID } from './constants';
import { TimestampSchema } from './descriptor/gen/common_pb';
import { type Descriptor, DescriptorSchema } from './descriptor/gen/descriptor_pb';
import { DescriptorState } from './descriptor/gen/table_pb';
import { defaultPrivileges } from './privileges';
import { type CatalogSnapshot, headerOf } from './snapshot';

/**
 * The catalog of an open store: the snapshot at the store's current version, and descriptor writes inside a caller's
 * write transaction.
 */
export class CatalogManager {
  private readonly db: Connection;
  private readonly reader = new CatalogReader();
  private readonly lock: Pick<WriteLock, 'keepsCatalog' | 'catalogGrantCount'> | undefined;
  private current: CatalogSnapshot | undefined;
  /** The lock's grants when `current` was last found to be the store's. */
  private checkedAt = -1;

  /**
   * @param db the connection that also writes: the main thread's
   * @param lock of all who write, if there are others: while nobody has held it for descriptors, the store need not be asked again
   */
  constructor(db: Connection, lock?: Pick<WriteLock, 'keepsCatalog' | 'catalogGrantCount'>) {
    this.db = db;
    this.lock = lock;
  }

  /** The catalog as the connection sees it now: also what its own open transaction has written. */
  snapshot(): CatalogSnapshot {
    const { lock, current } = this;
    const quiet = lock?.keepsCatalog === true;
    if (quiet && current !== undefined && lock.catalogGrantCount === this.checkedAt) return current;
    const version = catalogVersion(this.db);
    this.checkedAt = quiet ? lock.catalogGrantCount : -1;
    if (current?.version === version) return current;
    const snapshot = this.reader.read(this.db);
    // A version seen inside a transaction may be rolled back, and the number used again by other contents.
    if (!this.db.inTransaction) this.current = snapshot;
    else this.checkedAt = -1;
    return snapshot;
  }
}

/** Writes a descriptor (new or changed) in the caller's write transaction, stamped with `nowNanos`. */
export function writeDescriptor(db: Connection, descriptor: Descriptor, nowNanos: bigint): void {
  const entry = headerOf(descriptor);
  invariant(entry !== undefined, 'a descriptor of a known kind');
  const { union } = descriptor;
  if (union.case !== undefined && union.case !== 'function') {
    Object.assign(union.value, timestamped(nowNanos));
  }
  const row = {
    id: entry.id,
    parentId: entry.databaseId,
    parentSchemaId: entry.schemaId,
    name: entry.name,
    dropped: entry.state === DescriptorState.DROP,
    descriptor: toBinary(DescriptorSchema, descriptor),
  };
  putDescriptor(db, row, nowNanos);
}

/** With its zone configurations. */
export function removeDescriptor(db: Connection, id: number, nowNanos: bigint): void {
  deleteDescriptor(db, id, nowNanos);
  deleteZonesOf(db, id);
}

const timestamped = (nowNanos: bigint) => ({
  modificationTime: create(TimestampSchema, { wallTime: nowNanos }),
});

export function newDatabase(id: number, name: string, owner: string): Descriptor {
  return create(DescriptorSchema, {
    union: {
      case: 'database',
      value: { id, name, version: 1, privileges: defaultPrivileges(owner) },
    },
  });
}

/** What a new store starts with: the system database, defaultdb, postgres, root and admin. */
export function initializeCatalog(db: Connection): void {
  const now = wallNanos();
  writeDescriptor(db, newDatabase(SYSTEM_DATABASE_ID, 'system', 'node'), now);
  writeDescriptor(db, newDatabase(DEFAULTDB_ID, 'defaultdb', 'root'), now);
  writeDescriptor(db, newDatabase(POSTGRES_ID, 'postgres', 'root'), now);
  putUser(db, { username: 'admin', hashedPassword: null, isRole: true });
  putUser(db, { username: 'root', hashedPassword: null, isRole: false });
  putRoleMember(db, { role: 'admin', member: 'root', isAdmin: true });
}
