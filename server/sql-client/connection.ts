import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import type {
  BackendKeyDataMessage,
  BackendMessage,
  CommandCompleteMessage,
  DatabaseError,
  DataRowMessage,
  NoticeMessage,
  ReadyForQueryMessage,
  RowDescriptionMessage,
} from 'pg-protocol/dist/messages';
import { Parser } from 'pg-protocol/dist/parser';
import { limits } from '../../base/limits';
import { endPointBinding } from '../auth/tls';
import { ConnectionError, connectionError, type Report } from './report';
import type { Column, Row } from './result-writer';
import { ScramClient } from './scram-client';
import { secureSocket } from './secure-socket';
import type { ConnectionOptions } from './sql-flags';

/** What a query's answer is told to. */
export interface ResultListener {
  columns(columns: readonly Column[]): void;
  row(values: Row): void;
  /** The end of a statement's answer. @param tag SELECT 5, RESTORE … */
  complete(tag: string): void;
  /** An error, after which the query has no more answers. */
  failed(report: Report): void;
}

export interface ConnectionListener extends ResultListener {
  notice(report: Report): void;
  /** After each piece of answers. @returns when more may come, if that is not now */
  flush(): Promise<void> | undefined;
}

const NUMBER_OIDS = new Set([20, 21, 23, 26, 700, 701, 1700]);

/** One session: one query at a time, in the simple protocol, with values as text. */
export class SqlConnection {
  private readonly options: ConnectionOptions;
  private readonly listener: ConnectionListener;
  private readonly socket: Socket;
  private readonly askPassword: AskPassword | undefined;
  private scram: ScramClient | undefined;
  private password: string | undefined;
  private readonly parser = new Parser();
  private waiting: { resolve(): void; reject(error: ConnectionError): void } | undefined;
  private failure: ConnectionError | undefined;
  private key: BackendKeyDataMessage | undefined;
  private status = 'I';
  /** Since the last message; more than one message may have means that this is not PostgreSQL. */
  private unparsedBytes = 0;
  private started = false;

  private constructor(
    options: ConnectionOptions,
    listener: ConnectionListener,
    socket: Socket,
    askPassword: AskPassword | undefined,
  ) {
    this.askPassword = askPassword;
    this.options = options;
    this.listener = listener;
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', (error) => this.fail(this.lost(error.message)));
    socket.on('close', () => this.fail(this.lost('the server closed it')));
  }

  /** @param askPassword when the server asks for one that is not known. @throws ConnectionError */
  static async open(
    options: ConnectionOptions,
    listener: ConnectionListener,
    askPassword?: AskPassword,
  ): Promise<SqlConnection> {
    const socket = await openSocket(options);
    const connection = new SqlConnection(options, listener, socket, askPassword);
    const { user, database, parameters } = options;
    await connection.ask(serialize.startup({ ...parameters, user, database }));
    connection.started = true;
    return connection;
  }

  /** A query runs. */
  get isBusy(): boolean {
    return this.waiting !== undefined;
  }

  /** I: idle, T: in a transaction, E: in a failed one. */
  get transactionStatus(): string {
    return this.status;
  }

  /**
   * Runs one query string, which may hold several statements; its answers and errors go to the listener.
   * @throws ConnectionError when the connection is lost
   */
  async query(sql: string): Promise<void> {
    if (Buffer.byteLength(sql) > limits.sqlTextBytesMax) {
      const message = `the statement is longer than ${limits.sqlTextBytesMax} bytes`;
      this.listener.failed({ severity: 'ERROR', sqlstate: '54000', message });
      return;
    }
    if (sql.includes('\0')) {
      const message = 'the statement has a NUL character in it';
      this.listener.failed({ severity: 'ERROR', sqlstate: '22021', message });
      return;
    }
    await this.ask(serialize.query(sql));
  }

  /** Asks the server, on a connection of its own, to end the running query; it answers with 57014. */
  cancel(): void {
    const { key } = this;
    if (key === undefined || !this.isBusy) return;
    const socket = connect({ host: this.options.host, port: this.options.port });
    socket.on('error', () => undefined); // The query goes on then; a second Ctrl-C leaves it.
    socket.end(serialize.cancel(key.processID, key.secretKey));
  }

  close(): void {
    this.failure ??= this.lost('it was closed');
    this.socket.write(serialize.end());
    this.socket.destroySoon();
  }

  /** Leaves at once; a running query ends with a ConnectionError. */
  destroy(): void {
    this.fail(this.lost('it was closed'));
  }

  private ask(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  private lost(why: string): ConnectionError {
    if (!this.started) return cannotConnect(this.options, why);
    const where = whereOf(this.options);
    return connectionError('lost', `the connection to ${where} was lost: ${why}`);
  }

  private fail(error: ConnectionError): void {
    this.failure ??= error;
    this.socket.destroy();
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(this.failure);
  }

  private receive(chunk: Buffer): void {
    this.unparsedBytes += chunk.length;
    try {
      this.parser.parse(chunk, this.onMessage);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.fail(connectionError('protocolViolation', `the server's answer is damaged: ${why}`));
      return;
    }
    if (this.unparsedBytes > limits.messageBytesMax) {
      const message = `the server sent a message of more than ${limits.messageBytesMax} bytes`;
      this.fail(connectionError('protocolViolation', message));
      return;
    }
    const writable = this.listener.flush();
    if (writable === undefined) return;
    this.socket.pause();
    void writable.then(() => this.socket.resume());
  }

  private readonly onMessage = (message: BackendMessage): void => {
    this.unparsedBytes = 0;
    if (this.failure !== undefined) return;
    switch (message.name) {
      case 'dataRow':
        this.listener.row((message as DataRowMessage).fields);
        return;
      case 'rowDescription':
        this.listener.columns(
          (message as RowDescriptionMessage).fields.map(({ name, dataTypeID }) => ({
            name,
            isNumber: NUMBER_OIDS.has(dataTypeID),
          })),
        );
        return;
      case 'commandComplete':
        this.listener.complete((message as CommandCompleteMessage).text);
        return;
      case 'error':
        this.onError(reportOf(message as DatabaseError));
        return;
      case 'notice':
        this.listener.notice(reportOf(message as NoticeMessage));
        return;
      case 'readyForQuery': {
        this.status = (message as ReadyForQueryMessage).status;
        const { waiting } = this;
        this.waiting = undefined;
        waiting?.resolve();
        return;
      }
      case 'backendKeyData':
        this.key = message as BackendKeyDataMessage;
        return;
      default:
        this.onRareMessage(message);
    }
  };

  private onError(report: Report): void {
    // After an error within the startup, and after a fatal one, the server hangs up.
    if (!this.started || report.severity === 'FATAL') this.fail(new ConnectionError(report));
    else this.listener.failed(report);
  }

  private onRareMessage(message: BackendMessage): void {
    switch (message.name) {
      case 'authenticationCleartextPassword':
        this.answer(() => this.sendPassword());
        return;
      case 'authenticationSASL': {
        const { mechanisms } = message as BackendMessage & { readonly mechanisms: string[] };
        this.answer(() => this.beginScram(mechanisms));
        return;
      }
      case 'authenticationSASLContinue': {
        const { data } = message as BackendMessage & { readonly data: string };
        this.answer(() => this.proveScram(data));
        return;
      }
      case 'authenticationSASLFinal': {
        const { data } = message as BackendMessage & { readonly data: string };
        this.answer(async () => this.scram?.check(data));
        return;
      }
      case 'authenticationMD5Password':
        this.fail(
          connectionError('rejected', 'the server asks for an MD5 password: that is not supported'),
        );
        return;
      case 'copyInResponse':
        this.socket.write(serialize.copyFail('ootheca sql does not support COPY'));
        return;
      case 'copyOutResponse':
        this.fail(connectionError('protocolViolation', 'ootheca sql does not support COPY'));
        return;
      default:
      // Parameter statuses, notifications, empty queries: nothing to show.
    }
  }

  /** Answers the server while it waits. */
  private answer(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (error instanceof ConnectionError) this.fail(error);
      else {
        const why = error instanceof Error ? error.message : String(error);
        this.fail(connectionError('rejected', `cannot log in to the server: ${why}`));
      }
    });
  }

  private async sendPassword(): Promise<void> {
    const isOpen = this.options.tls !== undefined && !(this.socket instanceof TLSSocket);
    if (isOpen) {
      const hint = 'sslmode=disable says that this is meant.';
      throw connectionError('rejected', 'the password would be sent without TLS', hint);
    }
    this.socket.write(serialize.password(await this.knownPassword()));
  }

  private async beginScram(mechanisms: readonly string[]): Promise<void> {
    this.password = await this.knownPassword();
    const cert =
      this.socket instanceof TLSSocket ? this.socket.getPeerX509Certificate() : undefined;
    const scram = new ScramClient(mechanisms, cert && endPointBinding(cert.raw));
    this.scram = scram;
    this.socket.write(serialize.sendSASLInitialResponseMessage(scram.mechanism, scram.first));
  }

  private async proveScram(serverFirst: string): Promise<void> {
    const final = await this.scram?.final(serverFirst, this.password ?? '');
    this.password = undefined;
    this.socket.write(serialize.sendSCRAMClientFinalMessage(final ?? ''));
  }

  private async knownPassword(): Promise<string> {
    const password = this.options.password ?? (await this.askPassword?.());
    if (password !== undefined) return password;
    const hint = 'Give it in the URL: --url=postgresql://user:password@host:port/database';
    throw connectionError('rejected', 'the server asks for a password', hint);
  }
}

/** Asks whoever sits at the terminal. */
export type AskPassword = () => Promise<string>;

function whereOf({ host, port }: ConnectionOptions): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function cannotConnect(options: ConnectionOptions, why: string): ConnectionError {
  const hint = 'Is the server running there? ootheca start starts one.';
  return connectionError('cannotConnect', `cannot connect to ${whereOf(options)}: ${why}`, hint);
}

async function openSocket(options: ConnectionOptions): Promise<Socket> {
  const socket = connect({ host: options.host, port: options.port, noDelay: true });
  try {
    return await secureSocket(socket, options);
  } catch (error) {
    socket.destroy();
    if (error instanceof ConnectionError) throw error;
    throw cannotConnect(options, error instanceof Error ? error.message : String(error));
  }
}

function reportOf(message: DatabaseError | NoticeMessage): Report {
  return {
    severity: message.severity ?? 'ERROR',
    sqlstate: message.code,
    message: message.message ?? '',
    detail: message.detail,
    hint: message.hint,
  };
}
