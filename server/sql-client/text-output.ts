import type { Writable } from 'node:stream';

/** Text on its way out, written in large pieces. */
export class TextOutput {
  private readonly stream: Writable;
  private readonly onBroken: () => void;
  private text = '';
  private broken = false;
  private draining: Promise<void> | undefined;

  /** @param onBroken the reader has gone (EPIPE); what is written later is dropped */
  constructor(stream: Writable, onBroken: () => void) {
    this.stream = stream;
    this.onBroken = onBroken;
    stream.on('error', this.fail);
  }

  get isBroken(): boolean {
    return this.broken;
  }

  write(text: string): void {
    this.text += text;
  }

  /** @returns when more may be written, if that is not now */
  flush(): Promise<void> | undefined {
    const text = this.text;
    this.text = '';
    if (text !== '' && !this.broken && !this.stream.write(text)) this.draining ??= this.drain();
    return this.draining;
  }

  private drain(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.draining = undefined;
        this.stream.off('drain', done);
        this.stream.off('close', done);
        this.stream.off('error', done);
        resolve();
      };
      this.stream.on('drain', done);
      this.stream.on('close', done);
      this.stream.on('error', done);
    });
  }

  /** Writes all and waits until the system has it. */
  async finish(): Promise<void> {
    const text = this.text;
    this.text = '';
    if (!this.broken) {
      await new Promise<void>((resolve) => this.stream.write(text, () => resolve()));
    }
  }

  private readonly fail = (): void => {
    if (this.broken) return;
    this.broken = true;
    this.onBroken();
  };
}
