import { defined } from '../../../base/invariant';
import { limits } from '../../../base/limits';
import type { CompiledWrite } from '../../emit/compiled-write';

/** Writes that the main thread has sent before, by number. It knows which ones are kept: the newest. */
export class KnownWrites {
  private readonly writes = new Map<number, CompiledWrite>();

  /** @param sent the write itself, when it is a new one */
  get(id: number, sent: CompiledWrite | undefined): CompiledWrite {
    if (sent === undefined) return defined(this.writes.get(id), `write ${id}`);
    this.writes.set(id, sent);
    const [oldest] = this.writes.keys();
    if (this.writes.size > limits.writePlansPerThreadMax && oldest !== undefined)
      this.writes.delete(oldest);
    return sent;
  }
}
