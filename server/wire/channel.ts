import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Awaitable } from '../../base/awaitable';
import { limits } from '../../base/limits';
import type { TlsUpgrader } from '../auth/tls';
import { BackendWriter } from './backend-writer';
import type { FrontendMessage } from './frontend-message';
import { FrontendParser } from './frontend-parser';
import { ConnectionLostError, ProtocolError } from './protocol-error';

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
  private socket: Socket;
  private readonly onGone: () => void;
  private readonly onData = (chunk: Buffer): void => this.receive(chunk);
  private readonly onDrain = (): void => this.wakeWriter?.();
  private readonly onLost = (): void => this.lose();
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;
  private interruption: Error | undefined;
  private handshaking = false;
  private goneState = false;
  private closing = false;

  /** @param onGone called once, when the client has closed its side or the socket broke. */
  constructor(socket: Socket, onGone: () => void) {
    this.socket = socket;
    this.onGone = onGone;
    this.writer = new BackendWriter(socket);
    this.listen(socket);
  }

  private listen(socket: Socket): void {
    socket.on('data', this.onData);
    socket.on('drain', this.onDrain);
    socket.on('end', this.onLost);
    socket.on('close', this.onLost);
    // 'close' follows; without a listener the process would end.
    socket.on('error', this.onLost);
  }

  /**
   * Goes on over TLS. What came before must not be taken for something that came over it.
   * @returns the encrypted socket; undefined: the client is gone
   * @throws ProtocolError
   */
  async encrypt(tls: TlsUpgrader): Promise<TLSSocket | undefined> {
    if (this.parser.bufferedBytes > 0) {
      throw new ProtocolError('received unencrypted data after SSL request');
    }
    const { socket } = this;
    if (this.goneState) return undefined;
    socket.write('S');
    socket.off('data', this.onData);
    this.handshaking = true;
    const secured = await tls.upgrade(socket);
    this.handshaking = false;
    if (secured === undefined) return undefined;
    socket.off('drain', this.onDrain);
    this.socket = secured;
    this.writer.useSocket(secured);
    this.listen(secured);
    return secured;
  }

  /** What `interrupt` was given. */
  get interrupted(): Error | undefined {
    return this.interruption;
  }

  get gone(): boolean {
    return this.goneState;
  }

  /** The next message when it is there. @throws as `read` does */
  readNow(): FrontendMessage | undefined {
    if (this.goneState) return undefined;
    if (this.interruption !== undefined) throw this.interruption;
    return this.parser.next();
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
  flush(): Awaitable<void> {
    if (this.goneState) throw new ConnectionLostError('the client is gone');
    return this.writer.send() ? undefined : this.drained();
  }

  private async drained(): Promise<void> {
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

  /** Makes this and every later `read` throw. In the middle of a handshake nothing can be said, and the socket is closed. */
  interrupt(error: Error): void {
    this.interruption ??= error;
    if (this.handshaking) this.socket.destroy();
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
