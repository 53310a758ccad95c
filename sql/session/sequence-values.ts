import type { AdvancedSequences } from '../execute/messages';

/** What currval and lastval of a session give: the values that its own statements were handed. */
export class SequenceValues {
  private readonly values = new Map<number, bigint>();
  private last: number | undefined;
  /** Made when it is asked for. */
  private text: string | null | undefined = null;

  /** @param advanced the latest last */
  note(advanced: AdvancedSequences): void {
    if (advanced.length === 0) return;
    for (const [tableId, value] of advanced) {
      this.values.set(tableId, value);
      this.last = tableId;
    }
    this.text = undefined;
  }

  clear(): void {
    this.values.clear();
    this.last = undefined;
    this.text = null;
  }

  /** As functions of a query thread read it (execute/sequence-functions.ts); null = no values yet. */
  toState(): string | null {
    this.text ??=
      this.last === undefined
        ? null
        : JSON.stringify({
            last: this.last,
            values: Object.fromEntries([...this.values].map(([id, value]) => [id, String(value)])),
          });
    return this.text;
  }
}
