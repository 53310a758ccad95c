/** Work of one key is done one after the other, in the order in which it came; that of several keys side by side. */
export class Turns {
  /** Settles, and never fails, when the last one of a key is done. */
  private readonly last = new Map<string, Promise<void>>();

  async take<T>(key: string, body: () => Promise<T>): Promise<T> {
    const work = (this.last.get(key) ?? Promise.resolve()).then(body);
    const done = work.then(
      () => undefined,
      () => undefined,
    );
    this.last.set(key, done);
    try {
      return await work;
    } finally {
      if (this.last.get(key) === done) this.last.delete(key);
    }
  }
}
