import type { Claim } from '../../../../storage/ranges/claim';
import { type Lease, WriteLock } from '../../../../storage/ranges/write-lock';

/** Who takes the write lock to ask something of a job, not to work on it. */
const REQUEST = /^(pause|cancel|resume) job \d+$/;

/**
 * A write lock that does something at a chosen step of a job. Every step of a job, of whatever phase, is a write transaction, so
 * these are all the places at which the state of the store is between two steps.
 */
export class TrappedLock extends WriteLock {
  /** Owners in their order, since `watch`. */
  readonly steps: string[] = [];
  private at = -1;
  private trap: (() => Promise<void>) | undefined;

  /** From now on steps are counted; before step `at` (0-based) `trap` is done, and the step waits for it. */
  watch(at = -1, trap?: () => Promise<void>): void {
    this.steps.length = 0;
    this.at = at;
    this.trap = trap;
  }

  override async acquire(owner: string, signal?: AbortSignal, claim?: Claim): Promise<Lease> {
    if (!REQUEST.test(owner)) {
      const step = this.steps.push(owner) - 1;
      if (step === this.at) await this.trap?.();
    }
    return await super.acquire(owner, signal, claim);
  }
}

/**
 * Of steps that differ in their numbers only, the first, or the first two and the last: each phase is met, at its border and
 * inside.
 */
export function stepsOfEachKind(steps: readonly string[], how: 'first' | 'borders'): number[] {
  const kinds = new Map<string, number[]>();
  for (const [at, owner] of steps.entries()) {
    const kind = owner.replace(/\d+/g, '#').replace(/index \S+/, 'index');
    kinds.set(kind, [...(kinds.get(kind) ?? []), at]);
  }
  const picked = [...kinds.values()].flatMap((all) =>
    how === 'first' ? [all[0]] : [all[0], all[1], all.at(-1)],
  );
  return [...new Set(picked.filter((at) => at !== undefined))].sort((a, b) => a - b);
}
