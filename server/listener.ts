import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SqlError } from '../base/errors';
import { limits } from '../base/limits';
import type { Logger } from '../base/logger';
import type { Engine } from '../sql/engine';
import { LoginThrottle } from './auth/login-throttle';
import { INSECURE, type Security } from './auth/security';
import { CancelRegistry } from './wire/cancel-registry';
import { Connection, type ConnectionContext } from './wire/connection';

export interface ListenerOptions {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly connectionsMax?: number;
  readonly startupTimeoutMs?: number;
  /** Left out: insecure. */
  readonly security?: Security;
}

/** Sockets beyond the session limit that may be starting up: cancel requests, and those who are told 53300. */
const STARTING_CONNECTIONS_MAX = 64;
const KEEP_ALIVE_DELAY_MS = 30_000;
/** Between two lines of the log about the same flood. */
const FLOOD_MESSAGE_MS = 60_000;
/** After running statements were cut off: time for their sessions to close. */
const CLOSE_GRACE_MS = 3_000;

/** Accepts clients and keeps track of them. */
export class Listener {
  private readonly server: Server;
  private readonly logger: Logger;
  private readonly connectionsMax: number;
  private readonly context: Omit<ConnectionContext, 'admit'>;
  private readonly running = new Map<Connection, Promise<void>>();
  private sessionCount = 0;
  /** Clients that have not logged in, the oldest first. */
  private readonly starting = new Set<Connection>();
  private draining = false;
  private toldOfFloodMs = 0;

  constructor(options: ListenerOptions) {
    this.logger = options.logger;
    this.connectionsMax = options.connectionsMax ?? limits.connectionsMax;
    this.context = {
      engine: options.engine,
      logger: options.logger,
      cancels: new CancelRegistry(),
      startupTimeoutMs: options.startupTimeoutMs ?? limits.startupTimeoutMs,
      security: options.security ?? INSECURE,
      throttle: new LoginThrottle(),
    };
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** Number of clients, those starting up included. */
  get connectionCount(): number {
    return this.running.size;
  }

  /** @param port 0 = any free one. @returns where it listens. @throws the system's error (EADDRINUSE …). */
  listen(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      // An empty host is all interfaces, as in `--listen-addr=:26257`.
      this.server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
        this.server.off('error', reject);
        this.server.on('error', (error) => this.logger.error({ err: error }, 'accept failed'));
        resolve(this.server.address() as AddressInfo);
      });
    });
  }

  /**
   * Stops listening; idle clients are told and closed, running statements may end within `timeoutMs`, then they are cut
   * off. Resolves when all are gone, or when what was cut off does not end.
   */
  async drain(timeoutMs: number = limits.drainTimeoutMs): Promise<void> {
    this.draining = true;
    this.server.close();
    for (const connection of this.running.keys()) connection.shutDown();
    if (await this.allGone(timeoutMs)) return;
    this.logger.warn({ connections: this.running.size }, 'cutting off running statements');
    for (const connection of this.running.keys()) connection.terminate();
    if (await this.allGone(CLOSE_GRACE_MS)) return;
    this.logger.error({ connections: this.running.size }, 'sessions did not end');
  }

  private accept(socket: Socket): void {
    if (this.running.size >= this.connectionsMax + STARTING_CONNECTIONS_MAX) this.makeRoom();
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    let admitted = false;
    const connection = new Connection(socket, {
      ...this.context,
      admit: () => {
        if (this.sessionCount >= this.connectionsMax) {
          throw new SqlError('tooManyConnections', 'sorry, too many clients already');
        }
        this.sessionCount++;
        admitted = true;
        this.starting.delete(connection);
      },
    });
    const ended = connection.run().then(() => {
      this.running.delete(connection);
      this.starting.delete(connection);
      if (admitted) this.sessionCount--;
    });
    this.running.set(connection, ended);
    this.starting.add(connection);
    if (this.draining) connection.shutDown();
  }

  /** Whoever has taken longest to log in goes: a flood of clients that never do keeps nobody out. */
  private makeRoom(): void {
    const [oldest] = this.starting;
    if (oldest === undefined) return;
    if (Date.now() - this.toldOfFloodMs > FLOOD_MESSAGE_MS) {
      this.toldOfFloodMs = Date.now();
      this.logger.warn({ starting: this.starting.size }, 'too many clients that do not log in');
    }
    this.starting.delete(oldest);
    oldest.terminate();
  }

  private async allGone(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const gone = Promise.all(this.running.values()).then(() => true);
    const result = await Promise.race([gone, timeout]);
    clearTimeout(timer);
    return result;
  }
}
