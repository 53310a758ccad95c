import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CommandCode } from 'pg-server/protocol/commands';
import { type Awaitable, after, caught } from '../../base/awaitable';
import { notSupported, SqlError } from '../../base/errors';
import { assertNever } from '../../base/invariant';
import type { Logger } from '../../base/logger';
import type {
  Engine,
  IdleLimit,
  Session,
  SessionListener,
  TransactionStatus,
} from '../../sql/engine';
import { authenticate } from '../auth/authenticate';
import type { LoginThrottle } from '../auth/login-throttle';
import type { Security } from '../auth/security';
import { peerCertificate } from '../auth/tls';
import type { BackendKey, CancelRegistry } from './cancel-registry';
import { Channel } from './channel';
import { errorFields } from './error-response';
import { ExtendedQuery } from './extended-query';
import type { FrontendMessage, StartupMessage } from './frontend-message';
import { ConnectionLostError, ProtocolError } from './protocol-error';
import { protocolOptions, requestedUser, sessionOptions } from './startup-options';
import { runSimpleQuery, StatementError } from './statement-runner';

export interface ConnectionContext {
  readonly engine: Engine;
  readonly cancels: CancelRegistry;
  readonly logger: Logger;
  readonly startupTimeoutMs: number;
  readonly security: Security;
  readonly throttle: LoginThrottle;
  /** Counts this connection as a session. @throws SqlError tooManyConnections. */
  admit(): void;
}

const ENCRYPTION_REQUESTS_MAX = 2;

/** Of a client that has sent many ahead: then the others have a turn. */
const MESSAGES_IN_A_ROW_MAX = 128;

const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One client, from its first byte to its last. */
export class Connection {
  private readonly context: ConnectionContext;
  private readonly logger: Logger;
  private readonly channel: Channel;
  private readonly remoteAddress: string;
  private readonly address: string;
  private secured: TLSSocket | undefined;
  private endPoint: Buffer | undefined;
  private session: Session | undefined;
  private extended: ExtendedQuery | undefined;
  /** A message is being worked on; a cancel request in between has nothing to cancel. */
  private working = false;
  /** An implicit transaction is open: within a Query, or between Syncs. */
  private implicit = false;

  constructor(socket: Socket, context: ConnectionContext) {
    this.context = context;
    this.address = socket.remoteAddress ?? '';
    this.remoteAddress = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.logger = context.logger.child({ client: this.remoteAddress });
    this.channel = new Channel(socket, () => this.cancel());
  }

  /** Serves the client until it leaves; never rejects. */
  async run(): Promise<void> {
    let key: BackendKey | undefined;
    try {
      const startup = await this.logIn();
      if (startup === undefined) return;
      this.context.admit();
      key = this.context.cancels.register(() => this.cancel());
      const session = await this.openSession(startup, key);
      this.greet(session, startup, key);
      await this.serve(session, new ExtendedQuery(session, this.channel));
    } catch (error) {
      this.reportFatal(error);
    } finally {
      this.working = false;
      if (key !== undefined) this.context.cancels.unregister(key);
      await this.closeSession();
      this.channel.close();
    }
  }

  /** Ends the connection at its next idle moment with FATAL 57P01. */
  shutDown(): void {
    this.channel.interrupt(new SqlError('adminShutdown', 'server is shutting down'));
  }

  /** Ends the connection now; a running statement is cancelled. */
  terminate(): void {
    this.cancel();
    this.channel.destroy();
  }

  private cancel(): void {
    if (this.working) this.session?.cancel();
  }

  /** Up to a client that may have a session. `undefined`: nothing more to do here. */
  private async logIn(): Promise<StartupMessage | undefined> {
    let missing = 'startup packet did not arrive';
    const timer = setTimeout(() => {
      this.channel.interrupt(new ProtocolError(`${missing} in time`));
    }, this.context.startupTimeoutMs);
    try {
      const startup = await this.readStartup();
      missing = 'password did not arrive';
      if (startup !== undefined) await this.authenticate(startup);
      return startup;
    } finally {
      clearTimeout(timer);
    }
  }

  /** `undefined`: a cancel request, or the client left. */
  private async readStartup(): Promise<StartupMessage | undefined> {
    for (let requests = 0; requests <= ENCRYPTION_REQUESTS_MAX; requests++) {
      const message = await this.channel.read();
      if (message === undefined) return undefined;
      if (message.type === 'startup') return message;
      if (message.type === 'cancelRequest') {
        this.context.cancels.cancel(message);
        return undefined;
      }
      const { security } = this.context;
      if (security.kind === 'insecure' || message.type !== 'encryptionRequest') {
        this.channel.writeByte('N');
      } else if (message.kind === 'gss' || this.secured !== undefined) {
        this.channel.writeByte('N');
      } else {
        this.endPoint = security.tls.endPoint;
        this.secured = await this.channel.encrypt(security.tls);
        if (this.secured === undefined) return undefined;
      }
    }
    throw new ProtocolError('too many encryption requests');
  }

  /** @throws SqlError when the client is not who it says it is, or may not come in so */
  private async authenticate(startup: StartupMessage): Promise<void> {
    const { security, engine, throttle } = this.context;
    if (security.kind === 'insecure') return;
    const { secured, channel } = this;
    if (secured === undefined && !security.acceptsPlain) {
      const message = 'node is running secure mode, SSL connection required';
      throw new SqlError('protocolViolation', message);
    }
    channel.parser.onlyPasswords = true;
    await authenticate({
      engine,
      channel,
      throttle,
      logger: this.logger,
      user: requestedUser(startup),
      address: this.address,
      isEncrypted: secured !== undefined,
      certificate: secured === undefined ? { kind: 'none' } : peerCertificate(secured),
      endPoint: this.endPoint,
    });
    channel.parser.onlyPasswords = false;
  }

  private async openSession(startup: StartupMessage, key: BackendKey): Promise<Session> {
    const { remoteAddress } = this;
    const options = { ...sessionOptions(startup), remoteAddress, backendPid: key.processId };
    const session = await this.context.engine.openSession(options, this.listener());
    this.session = session;
    return session;
  }

  /** Until the greeting nothing of the session may reach the client. */
  private listener(): SessionListener {
    const { writer } = this.channel;
    const sendUnlessWorking = (): void => {
      if (!this.working) this.channel.sendNow();
    };
    return {
      onNotice: (notice) => {
        if (this.extended === undefined) return;
        writer.noticeResponse(notice);
        // A long statement's notices are of use while it runs.
        this.channel.sendNow();
      },
      onParameterStatus: (name, value) => {
        if (this.extended === undefined) return;
        writer.parameterStatus(name, value);
        sendUnlessWorking();
      },
      onDeallocate: (name) => this.extended?.deallocate(name) ?? false,
      onTerminate: () => {
        this.cancel();
        this.channel.interrupt(
          new SqlError('adminShutdown', 'terminating connection due to administrator command'),
        );
      },
    };
  }

  private greet(session: Session, startup: StartupMessage, key: BackendKey): void {
    const { writer } = this.channel;
    const unknownOptions = protocolOptions(startup);
    if (startup.minorVersion > 0 || unknownOptions.length > 0) {
      writer.negotiateProtocolVersion(0, unknownOptions);
    }
    writer.authenticationOk();
    for (const [name, value] of session.parameterStatuses()) writer.parameterStatus(name, value);
    writer.backendKeyData(key.processId, key.secretKey);
    writer.readyForQuery(session.transactionStatus);
  }

  private async serve(session: Session, extended: ExtendedQuery): Promise<void> {
    this.extended = extended;
    let handled = 0;
    for (;;) {
      let message: FrontendMessage | undefined;
      try {
        message = this.channel.readNow() ?? (await this.nextMessage(session));
      } catch (error) {
        // Text that is not UTF-8: the message is gone, the stream is whole.
        if (!(error instanceof SqlError) || error.sqlstate !== '22021') throw error;
        await this.failMessage(session, extended, error);
        continue;
      }
      if (message === undefined || message.type === CommandCode.end) return;
      this.working = true;
      const done = this.handle(session, extended, message);
      if (done !== undefined) await done;
      this.working = false;
      if (++handled % MESSAGES_IN_A_ROW_MAX === 0) await othersTurn();
    }
  }

  /** A client that is silent for too long is sent away; between the messages of one batch it is not idle. */
  private nextMessage(session: Session): Promise<FrontendMessage | undefined> {
    const limit = this.implicit ? undefined : session.idleLimit();
    return limit === undefined ? this.channel.read() : this.readWithin(limit);
  }

  private async readWithin({ ms, error }: IdleLimit): Promise<FrontendMessage | undefined> {
    const timer = setTimeout(() => this.channel.interrupt(error), ms);
    try {
      return await this.channel.read();
    } finally {
      clearTimeout(timer);
    }
  }

  private handle(
    session: Session,
    extended: ExtendedQuery,
    message: FrontendMessage,
  ): Awaitable<void> {
    switch (message.type) {
      case CommandCode.query:
        return this.simpleQuery(session, extended, message.query);
      case CommandCode.sync:
        return this.sync(session, extended);
      case CommandCode.flush:
        return this.channel.flush();
      case 'functionCall':
        this.sendError(notSupported('the function call protocol', 'Use a SELECT instead.'));
        this.channel.writer.readyForQuery(session.transactionStatus);
        return this.channel.flush();
      case CommandCode.parse:
      case 'bind':
      case CommandCode.describe:
      case CommandCode.execute:
      case CommandCode.close:
        return this.extendedMessage(session, extended, message);
      case CommandCode.copyFromChunk:
      case CommandCode.copyDone:
      case CommandCode.copyFail:
        // Of a COPY that failed: the client had not heard of it.
        return undefined;
      case CommandCode.end:
      case 'password':
      case 'startup':
      case 'encryptionRequest':
      case 'cancelRequest':
        throw new ProtocolError('message not expected here');
      default:
        return assertNever(message);
    }
  }

  private async simpleQuery(session: Session, extended: ExtendedQuery, sql: string): Promise<void> {
    try {
      await extended.dropUnnamed();
      this.beginImplicit(session);
      await runSimpleQuery(session, this.channel, sql);
      await this.endImplicit(session);
    } catch (error) {
      await this.failStatement(session, extended, error);
    }
    if (session.transactionStatus === 'I') await extended.closePortals();
    this.channel.writer.readyForQuery(session.transactionStatus);
    await this.channel.flush();
  }

  private sync(session: Session, extended: ExtendedQuery): Awaitable<void> {
    this.channel.parser.discarding = false;
    const failed = (error: unknown) => this.failStatement(session, extended, error);
    return after(
      caught(() => this.endImplicit(session), failed),
      () => {
        const idle = session.transactionStatus === 'I';
        return after(idle ? extended.closePortals() : undefined, () => {
          this.channel.writer.readyForQuery(session.transactionStatus);
          return this.channel.flush();
        });
      },
    );
  }

  private extendedMessage(
    session: Session,
    extended: ExtendedQuery,
    message: Parameters<typeof dispatchExtended>[1],
  ): Awaitable<void> {
    const before: TransactionStatus = session.transactionStatus;
    const work = (): Awaitable<void> => {
      this.beginImplicit(session);
      return after(dispatchExtended(extended, message), () =>
        // COMMIT or ROLLBACK: portals of the block that ended end with it.
        before !== 'I' && session.transactionStatus === 'I' ? extended.closePortals() : undefined,
      );
    };
    return caught(work, async (error) => {
      await this.failStatement(session, extended, error);
      this.channel.parser.discarding = true;
    });
  }

  /** A message whose body could not be read; after a Query the client waits for ReadyForQuery, else for its Sync. */
  private async failMessage(
    session: Session,
    extended: ExtendedQuery,
    error: unknown,
  ): Promise<void> {
    await this.failStatement(session, extended, error);
    if (this.channel.parser.lastType === CommandCode.query) {
      this.channel.writer.readyForQuery(session.transactionStatus);
    } else {
      this.channel.parser.discarding = true;
    }
    await this.channel.flush();
  }

  private beginImplicit(session: Session): void {
    if (this.implicit) return;
    session.beginImplicit();
    this.implicit = true;
  }

  private endImplicit(session: Session): Awaitable<void> {
    if (!this.implicit) return undefined;
    this.implicit = false;
    return session.endImplicit();
  }

  private async failStatement(
    session: Session,
    extended: ExtendedQuery,
    error: unknown,
  ): Promise<void> {
    if (error instanceof ConnectionLostError || error instanceof ProtocolError) throw error;
    const cause = error instanceof StatementError ? error.cause : error;
    if (cause instanceof ConnectionLostError) throw cause;
    // Whoever ends the connection ended the statement as well.
    const { interrupted } = this.channel;
    if (interrupted !== undefined && isCanceled(cause)) throw interrupted;
    this.sendError(cause, error instanceof StatementError ? error.offset : 0);
    this.implicit = false;
    try {
      await extended.closePortals();
    } finally {
      await session.fail();
    }
  }

  private sendError(error: unknown, statementOffset = 0): void {
    this.channel.writer.errorResponse(errorFields(error, this.logger, statementOffset));
  }

  private reportFatal(error: unknown): void {
    if (error instanceof ConnectionLostError || this.channel.gone) return;
    const fields = errorFields(error, this.logger);
    this.channel.writer.errorResponse({ ...fields, severity: 'FATAL' });
  }

  private async closeSession(): Promise<void> {
    const session = this.session;
    if (session === undefined) return;
    try {
      await this.extended?.closePortals();
    } catch (error) {
      this.logger.error({ err: error }, 'closing portals failed');
    }
    try {
      await session.close();
    } catch (error) {
      this.logger.error({ err: error }, 'closing a session failed');
    }
  }
}

const isCanceled = (error: unknown): boolean =>
  error instanceof SqlError && error.sqlstate === '57014';

function dispatchExtended(
  extended: ExtendedQuery,
  message: Extract<
    FrontendMessage,
    {
      type:
        | CommandCode.parse
        | 'bind'
        | CommandCode.describe
        | CommandCode.execute
        | CommandCode.close;
    }
  >,
): Awaitable<void> {
  switch (message.type) {
    case CommandCode.parse:
      return extended.parse(message);
    case 'bind':
      return extended.bind(message);
    case CommandCode.describe:
      return extended.describe(message);
    case CommandCode.execute:
      return extended.execute(message);
    case CommandCode.close:
      return extended.close(message);
    default:
      return assertNever(message);
  }
}
