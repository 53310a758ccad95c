import { create } from '@bufbuild/protobuf';
import { CatalogHistory } from '../../../catalog/catalog-history';
import { decodeDescriptor } from '../../../catalog/catalog-reader';
import { SYSTEM_DATABASE_ID } from '../../../catalog/constants';
import { storedForm } from '../../../catalog/descriptor/downgrade';
import { TimestampSchema } from '../../../catalog/descriptor/gen/common_pb';
import { DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState, type TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { type CatalogSnapshot, type DescriptorHeader, headerOf } from '../../../catalog/snapshot';
import { isTemporary } from '../../../catalog/temporary';
import type { Connection } from '../../../storage/ranges/connection';
import { descriptorChanges } from '../../../storage/ranges/descriptor-history';
import { CATALOG_TABLE_ID, settledTime, visibleTimes } from '../../../storage/ranges/pushed-writes';
import {
  type BackupManifest_DescriptorRevision,
  BackupManifest_DescriptorRevisionSchema,
} from '../../format/gen/backup_pb';
import { nameTypesOfView, typeNames } from '../../view-types';
import { keepReferences } from './kept-references';
import type { CatalogTimes } from './system-source';
import { type BackupContents, hasRegions } from './targets';

/** The descriptors of a backup through a span of time. */

/** One state of a table, as long as it held. */
export interface TableEpoch {
  readonly from: bigint;
  /** Undefined: it is so at the end of the backup. */
  readonly to: bigint | undefined;
  readonly table: TableDescriptor;
  /** Of then: what the table's types are looked up in. */
  readonly catalog: CatalogSnapshot;
}

/** Nanoseconds since 1970: (start, end]. */
export interface Window {
  readonly start: bigint;
  readonly end: bigint;
}

interface Revision {
  readonly id: number;
  readonly time: bigint;
  /** Undefined: it is gone, or not there for anybody. */
  readonly header: DescriptorHeader | undefined;
}

export class Revisions {
  /** What was there at the window's start, then each change. */
  private readonly revisions: readonly Revision[];
  private readonly history: CatalogHistory;

  private constructor(revisions: readonly Revision[], history: CatalogHistory) {
    this.revisions = revisions;
    this.history = history;
  }

  /**
   * @param contents of the backup, at the window's end
   * @param db in a read transaction whose catalog is `present`
   */
  static read(
    db: Connection,
    present: CatalogSnapshot,
    contents: BackupContents,
    { start, end }: Window,
  ): Revisions {
    const history = new CatalogHistory(db, { snapshot: () => present });
    const isMeant = meaning(contents);
    const states = new Set<number>();
    const revisions: Revision[] = contents.system.map((header) => ({
      id: header.id,
      time: start,
      header,
    }));
    for (const header of history.at(start).entries()) {
      if (!isMeant(header) || !isThere(header)) continue;
      states.add(header.id);
      revisions.push({ id: header.id, time: start, header });
    }
    const visible = visibleTimes(db, CATALOG_TABLE_ID);
    const from = settledTime(db, CATALOG_TABLE_ID, start);
    for (const { id, time: written, descriptor } of descriptorChanges(db, from, end)) {
      const time = visible(written);
      if (time > end) continue;
      const made = descriptor === null ? undefined : headerOf(decodeDescriptor(id, descriptor));
      const header = made !== undefined && isMeant(made) && isThere(made) ? made : undefined;
      if (header === undefined && !states.has(id)) continue;
      if (header === undefined) states.delete(id);
      else states.add(id);
      revisions.push({ id, time, header });
    }
    return new Revisions(revisions, history);
  }

  /** Zone configurations follow from the catalog where databases have regions. */
  get catalogTimes(): CatalogTimes {
    const { revisions, history } = this;
    const times = revisions.some(({ header }) => hasRegions(header))
      ? revisions.map(({ time }) => time)
      : [];
    return { times, at: (time) => history.at(time) };
  }

  /** Tables, views and sequences that were there at some time, by id, with what they were. */
  tables(): Map<number, TableEpoch[]> {
    const tables = new Map<number, TableEpoch[]>();
    for (const { id, time, header } of this.revisions) {
      const epochs = tables.get(id) ?? [];
      const last = epochs.at(-1);
      if (last?.to === undefined && last !== undefined)
        epochs[epochs.length - 1] = { ...last, to: time };
      const union = header?.descriptor.union;
      if (union?.case === 'table') {
        const catalog = this.history.at(time);
        epochs.push({ from: time, to: undefined, table: union.value, catalog });
      }
      if (epochs.length > 0) tables.set(id, epochs);
    }
    return tables;
  }

  /** @param written tables in another form than the catalog has them in, by the catalog's */
  changes(
    written: ReadonlyMap<TableDescriptor, TableDescriptor>,
  ): BackupManifest_DescriptorRevision[] {
    return withUses(this.revisions).map(({ id, time, header, there }) => {
      const union = header?.descriptor.union;
      const other = union?.case === 'table' ? written.get(union.value) : undefined;
      const descriptor =
        other === undefined
          ? header?.descriptor
          : create(DescriptorSchema, { union: { case: 'table', value: other } });
      const stored = descriptor === undefined ? undefined : storedForm(descriptor);
      if (stored !== undefined) keepReferences(stored, there);
      if (stored !== undefined && union?.case === 'table' && union.value.viewQuery !== '') {
        nameTypesOfView(stored, typeNames(this.history.at(time).entries()));
      }
      return create(BackupManifest_DescriptorRevisionSchema, {
        time: create(TimestampSchema, { wallTime: time }),
        id,
        ...(stored === undefined ? {} : { desc: stored }),
      });
    });
  }
}

interface StatedRevision extends Revision {
  /** Ids of what was there at that time. */
  readonly there: ReadonlySet<number>;
}

/**
 * A type knows a table, and a database a schema, that is being restored from its beginning on, a backup when it is there: then the
 * type or database has a revision more.
 * @param revisions in the order of their times
 */
function withUses(revisions: readonly Revision[]): StatedRevision[] {
  const stated: StatedRevision[] = [];
  const users = new Map<number, { readonly header: DescriptorHeader; uses: string }>();
  let there: ReadonlySet<number> = new Set();
  for (let i = 0; i < revisions.length; ) {
    const time = revisions[i]?.time ?? 0n;
    const after = new Set(there);
    const first = i;
    for (; revisions[i]?.time === time; i++) {
      const { id, header } = revisions[i] as Revision;
      if (header === undefined) after.delete(id);
      else after.add(id);
    }
    const own = revisions.slice(first, i);
    there = after;
    for (const revision of own) {
      stated.push({ ...revision, there: after });
      const { id, header } = revision;
      if (header?.kind === 'type' || header?.kind === 'database') {
        users.set(id, { header, uses: usesText(header, after) });
      } else users.delete(id);
    }
    for (const [id, user] of users) {
      const uses = usesText(user.header, after);
      if (uses === user.uses) continue;
      user.uses = uses;
      stated.push({ id, time, header: user.header, there: after });
    }
  }
  return stated;
}

function usesText({ descriptor: { union } }: DescriptorHeader, there: ReadonlySet<number>): string {
  const ids =
    union.case === 'type'
      ? union.value.referencingDescriptorIds
      : union.case === 'database'
        ? union.value.schemas.map(({ value }) => value?.id ?? 0)
        : [];
  return ids.filter((id) => there.has(id)).join();
}

/** Whether a descriptor of some time belongs to a backup whose contents are known as of its end. */
function meaning(contents: BackupContents): (header: DescriptorHeader) => boolean {
  if (contents.isCluster) return ({ id }) => id !== SYSTEM_DATABASE_ID;
  const databases = new Set(contents.completeDbs);
  const ids = new Set(contents.descriptors.map(({ id }) => id));
  return ({ id, databaseId }) =>
    id !== SYSTEM_DATABASE_ID && (ids.has(id) || databases.has(databaseId) || databases.has(id));
}

const isThere = (header: DescriptorHeader): boolean =>
  header.state === DescriptorState.PUBLIC && !isTemporary(header);
