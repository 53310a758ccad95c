/** Work that is under way. What has failed stays, so that whoever asks learns of it. */
export class UnderWay {
  private readonly works = new Set<Promise<void>>();

  get count(): number {
    return this.works.size;
  }

  add(work: Promise<void>): void {
    const kept: Promise<void> = work.then(() => void this.works.delete(kept));
    this.works.add(kept);
    // An error may keep whoever began it from asking.
    kept.catch(() => undefined);
  }

  /** Settles when less is under way. @throws the error of what has failed */
  async less(): Promise<void> {
    await Promise.race(this.works);
  }

  /** Settles when all is done. @throws the error of what has failed */
  async all(): Promise<void> {
    await Promise.all(this.works);
  }
}
