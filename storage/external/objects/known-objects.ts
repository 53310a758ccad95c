import type { ObjectStat } from './object-driver';

/** The end of a file, where readers of many formats begin, is kept up to this. */
export const KEPT_TAIL_BYTES = 64 << 10;

/** What has been learnt of an object that is never written again. */
export interface KnownObject {
  readonly stat: ObjectStat;
  /** Its last bytes, once somebody read them. */
  tail?: Uint8Array;
}

interface Entry {
  readonly object: KnownObject;
  holders: number;
}

/**
 * What all storages of a thread know of objects that never change, so that those who open a data file together do not ask for
 * its size, and its index, one after the other. An object is known for as long as a storage that opened it is open.
 */
export class KnownObjects {
  private readonly entries = new Map<string, Entry>();

  /** One for each storage. @param location its URL with what lets it in: others learn nothing from it */
  holder(location: string): KnownObjectsHolder {
    return new KnownObjectsHolder(this.entries, location);
  }
}

/** Of each storage; tails make it 16 MiB. */
const HELD_MAX = 256;

export class KnownObjectsHolder {
  private readonly entries: Map<string, Entry>;
  private readonly location: string;
  private readonly held = new Set<string>();

  constructor(entries: Map<string, Entry>, location: string) {
    this.entries = entries;
    this.location = location;
  }

  find(key: string): KnownObject | undefined {
    return this.entries.get(this.idOf(key))?.object;
  }

  /** @returns what is known from now on */
  hold(key: string, object: KnownObject): KnownObject {
    const id = this.idOf(key);
    const entry = this.entries.get(id) ?? { object, holders: 0 };
    this.entries.set(id, entry);
    if (this.held.has(id)) return entry.object;
    entry.holders++;
    this.held.add(id);
    const [oldest] = this.held;
    if (this.held.size > HELD_MAX && oldest !== undefined) this.release(oldest);
    return entry.object;
  }

  /** It was not so final after all. */
  forget(key: string): void {
    const id = this.idOf(key);
    this.entries.delete(id);
    this.held.delete(id);
  }

  close(): void {
    for (const id of this.held) this.release(id);
  }

  private release(id: string): void {
    this.held.delete(id);
    const entry = this.entries.get(id);
    if (entry !== undefined && --entry.holders <= 0) this.entries.delete(id);
  }

  private idOf(key: string): string {
    return `${this.location}\n${key}`;
  }
}
