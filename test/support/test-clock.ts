import type { WaitClock } from '../../storage/external/objects/attempts';

/** A clock that stands until it is moved on: what waits for silence need not be waited for. */
export class TestClock implements WaitClock {
  private nowMs = 0;
  private readonly timers = new Set<{ readonly atMs: number; readonly ring: () => void }>();

  now(): number {
    return this.nowMs;
  }

  startTimer(ring: () => void, afterMs: number): () => void {
    const timer = { atMs: this.nowMs + afterMs, ring };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const timer of [...this.timers]) {
      if (timer.atMs > this.nowMs || !this.timers.delete(timer)) continue;
      timer.ring();
    }
  }
}
