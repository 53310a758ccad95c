import type { ObjectStat } from './object-driver';

/** The end of a file, where readers of many formats begin, is kept up to this. */
export const KEPT_TAIL_BYTES = 64 << 10;

/** What has been learnt of an object that is never written again. */
export interface KnownObject {
  readonly stat: ObjectStat;
  /** Its last bytes, once somebody read them. */
  tail?: Uint8Array;
  /** Its first bytes, maybe all, where they were asked for with the size: all of it is going to be read. */
  readonly head?: Uint8Array;
}

/** Of one object: where it is no larger, one request is all that it takes. */
const HEAD_BYTES = 4 << 20;

/** Of all objects. Those of a large backup are read in pieces when their turn comes. */
const HEADS_BYTES_MAX = 32 << 20;

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
  private headBytes = 0;

  /** One for each storage. @param location its URL with what lets it in: others learn nothing from it */
  holder(location: string): KnownObjectsHolder {
    return new KnownObjectsHolder(this, location);
  }

  find(id: string): KnownObject | undefined {
    return this.entries.get(id)?.object;
  }

  /** @returns what is known from now on */
  hold(id: string, object: KnownObject): KnownObject {
    const found = this.entries.get(id);
    if (found !== undefined) {
      found.holders++;
      return found.object;
    }
    this.entries.set(id, { object, holders: 1 });
    this.headBytes += object.head?.length ?? 0;
    return object;
  }

  release(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined && --entry.holders <= 0) this.forget(id);
  }

  forget(id: string): void {
    this.headBytes -= this.entries.get(id)?.object.head?.length ?? 0;
    this.entries.delete(id);
  }

  reserveHead(): number {
    if (this.headBytes + HEAD_BYTES > HEADS_BYTES_MAX) return 0;
    this.headBytes += HEAD_BYTES;
    return HEAD_BYTES;
  }

  releaseHead(bytes: number): void {
    this.headBytes -= bytes;
  }
}

/** Of each storage; tails make it 16 MiB. */
const HELD_MAX = 256;

export class KnownObjectsHolder {
  private readonly objects: KnownObjects;
  private readonly location: string;
  private readonly held = new Set<string>();

  constructor(objects: KnownObjects, location: string) {
    this.objects = objects;
    this.location = location;
  }

  find(key: string): KnownObject | undefined {
    return this.objects.find(this.idOf(key));
  }

  /** @returns what is known from now on */
  hold(key: string, object: KnownObject): KnownObject {
    const id = this.idOf(key);
    if (this.held.has(id)) return this.objects.find(id) ?? object;
    const held = this.objects.hold(id, object);
    this.held.add(id);
    const [oldest] = this.held;
    if (this.held.size > HELD_MAX && oldest !== undefined) this.release(oldest);
    return held;
  }

  /** It was not so final after all. */
  forget(key: string): void {
    const id = this.idOf(key);
    this.objects.forget(id);
    this.held.delete(id);
  }

  /** Memory for the first bytes of an object; `releaseHead` gives it back once they are held, or not. @returns 0: there is none */
  reserveHead(): number {
    return this.objects.reserveHead();
  }

  releaseHead(bytes: number): void {
    this.objects.releaseHead(bytes);
  }

  close(): void {
    for (const id of this.held) this.release(id);
  }

  private release(id: string): void {
    this.held.delete(id);
    this.objects.release(id);
  }

  private idOf(key: string): string {
    return `${this.location}\n${key}`;
  }
}
