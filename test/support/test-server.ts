import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { defined } from '../../base/invariant';
import { OothecaProcess, type ServerAddress, temporaryDirectory } from './ootheca-process';
import { pgClient } from './restored-server';

export interface TestServerOptions {
  /** On a disk it stays when the server is started again. */
  readonly store?: 'memory' | 'disk';
  /** Of `ootheca start`, beside those of the directories. */
  readonly flags?: readonly string[];
}

/**
 * The program, for the tests of a file or of a block: started before them and ended after, with directories that go with it. To be made
 * before the hooks that need it.
 */
export class TestServer implements ServerAddress {
  /** Its external-io-dir. */
  readonly io: string;
  private readonly flags: readonly string[];
  private readonly endSignal: NodeJS.Signals;
  private process: OothecaProcess | undefined;
  private connected: Client | undefined;

  constructor({ store = 'memory', flags = [] }: TestServerOptions = {}) {
    const directory = temporaryDirectory();
    this.io = join(directory.path, 'io');
    mkdirSync(this.io);
    const place = store === 'memory' ? 'type=mem' : join(directory.path, 'store');
    this.flags = [`--store=${place}`, `--external-io-dir=${this.io}`, ...flags];
    // A store in memory has a directory, too, which goes when the server may end.
    this.endSignal = store === 'memory' ? 'SIGTERM' : 'SIGKILL';
    beforeAll(() => this.start());
    afterAll(async () => {
      await this.connected?.end();
      await this.process?.stop(this.endSignal);
      directory.remove();
    });
  }

  /** To be called when it was stopped, too. */
  async start(): Promise<void> {
    this.process = await OothecaProcess.start(this.flags);
    this.connected = await pgClient(this);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    await this.connected?.end();
    return await this.running.stop(signal);
  }

  private get running(): OothecaProcess {
    return defined(this.process, 'a server that was started');
  }

  /** Of root, in defaultdb; another one when it was started again. */
  get client(): Client {
    return defined(this.connected, 'a server that was started');
  }

  get port(): number {
    return this.running.port;
  }

  url(database?: string): string {
    return this.running.url(database);
  }

  /** As `OothecaProcess.psql`. */
  psql(database: string, statements: readonly string[], flags?: readonly string[]): string {
    return this.running.psql(database, statements, flags);
  }

  /** What `client` is answered. */
  async rows(sql: string): Promise<unknown[][]> {
    return await rowsOf(this.client, sql);
  }
}

/** The rows that a statement gives, as arrays. */
export const rowsOf = async (client: Client, sql: string): Promise<unknown[][]> =>
  (await client.query({ text: sql, rowMode: 'array' })).rows;
