import type { Socket } from 'node:net';
import { limits } from '../../base/limits';
import { BackendWriter } from './backend-writer';
import type { FrontendMessage } from './frontend-message';
import { FrontendParser } from './frontend-parser';
import { ConnectionLostError } from './protocol-error';

/** How long a closed connection may take to read our last words. */
const LINGER_MS = 2_000;

/**
 * One client socket as messages in, messages out.
 *
 * Input is read ahead a little while a statement runs, so that a client that goes away is noticed; beyond that the socket
 * is paused. Output waits for the socket to drain, which is what stops a cursor when the client reads slowly.
 */
export class Channel {
  readonly parser = new FrontendParser();
  readonly writer: BackendWriter;
  private readonly socket: Socket;
  private readonly onGone: () => void;
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;
  private interruption: Error | undefined;
  private goneState = false;
  private closing = false;

  /** @param onGone called once, when the client has closed its side or the socket broke. */
  constructor(socket: Socket, onGone: () => void) {
    this.socket = socket;
    this.onGone = onGone;
    this.writer = new BackendWriter(socket);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.wakeWriter?.());
    socket.on('end', () => this.lose());
    socket.on('close', () => this.lose());
    // 'close' follows; without a listener the process would end.
    socket.on('error', () => this.lose());
  }

  get gone(): boolean {
    return this.goneState;
  }

  /**
   * The next message, after everything pending was sent; `undefined` when the client is gone.
   * @param signal ends the wait, with its reason for an error
   * @throws what `interrupt` was given; ProtocolError and SqlError of `FrontendParser.next`.
   */
  async read(signal?: AbortSignal): Promise<FrontendMessage | undefined> {
    for (;;) {
      if (this.goneState) return undefined;
      if (this.interruption !== undefined) throw this.interruption;
      if (signal?.aborted) throw signal.reason;
      const message = this.parser.next();
      if (message !== undefined) return message;
      if (this.writer.pendingBytes > 0) {
        await this.flush();
        continue; // bytes may have come in meanwhile
      }
      let wake = (): void => undefined;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      this.wakeReader = wake;
      this.socket.resume();
      signal?.addEventListener('abort', wake);
      await woken;
      signal?.removeEventListener('abort', wake);
      this.wakeReader = undefined;
    }
  }

  /**
   * Sends what is pending and waits until the socket takes more.
   * @throws ConnectionLostError
   */
  async flush(): Promise<void> {
    if (this.goneState) throw new ConnectionLostError('the client is gone');
    if (this.writer.send()) return;
    await new Promise<void>((resolve) => {
      this.wakeWriter = resolve;
    });
    this.wakeWriter = undefined;
    if (this.goneState) throw new ConnectionLostError('the client is gone');
  }

  /** Sends what is pending without waiting, for what comes up between statements. */
  sendNow(): void {
    if (!this.goneState && !this.closing) this.writer.send();
  }

  /** One byte outside any message: the answer to an encryption request. */
  writeByte(character: string): void {
    if (!this.goneState) this.socket.write(character);
  }

  /** Makes this and every later `read` throw. */
  interrupt(error: Error): void {
    this.interruption ??= error;
    this.wakeReader?.();
  }

  /** Sends what is pending, then closes; a client that does not read it in time is cut off. */
  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (this.goneState) {
      this.socket.destroy();
      return;
    }
    this.writer.send();
    // Unread input would turn the close into a reset, and the client might never see our last message.
    this.socket.resume();
    this.socket.end();
    const timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
    timer.unref();
    this.socket.once('close', () => clearTimeout(timer));
  }

  /** Closes at once. */
  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.closing) return;
    this.parser.parse(chunk);
    if (this.wakeReader !== undefined) this.wakeReader();
    else if (this.parser.bufferedBytes > limits.inputAheadBytesMax) this.socket.pause();
  }

  private lose(): void {
    if (this.goneState) return;
    this.goneState = true;
    this.wakeReader?.();
    this.wakeWriter?.();
    this.onGone();
  }
}
