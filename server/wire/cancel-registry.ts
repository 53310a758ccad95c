import { randomBytes } from 'node:crypto';

/** What a client needs to cancel, from BackendKeyData. */
export interface BackendKey {
  readonly processId: number;
  readonly secretKey: number;
}

interface Entry {
  readonly secretKey: number;
  readonly cancel: () => void;
}

const PROCESS_ID_MAX = 0x7fffffff;

/** Who may be cancelled by a CancelRequest on another connection. */
export class CancelRegistry {
  private readonly entries = new Map<number, Entry>();
  private lastProcessId = 0;

  register(cancel: () => void): BackendKey {
    do {
      this.lastProcessId = this.lastProcessId >= PROCESS_ID_MAX ? 1 : this.lastProcessId + 1;
    } while (this.entries.has(this.lastProcessId));
    const processId = this.lastProcessId;
    const secretKey = randomBytes(4).readInt32BE();
    this.entries.set(processId, { secretKey, cancel });
    return { processId, secretKey };
  }

  unregister(key: BackendKey): void {
    this.entries.delete(key.processId);
  }

  /** A wrong key is ignored, silently: the answer would help who guesses. */
  cancel(key: BackendKey): void {
    const entry = this.entries.get(key.processId);
    if (entry !== undefined && entry.secretKey === key.secretKey) entry.cancel();
  }
}
