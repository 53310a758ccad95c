import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, DatabaseError, Query } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../ootheca-process';
import { pgClient } from '../restored-server';
import { trace } from './trace';

const SETTINGS = [
  'SET experimental_enable_hash_sharded_indexes = true',
  'SET enable_experimental_alter_column_type_general = true',
  'SET experimental_enable_unique_without_index_constraints = true',
];
const DEFECT = 'internal error: ';
const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => value };

/** A COPY FROM STDIN with the rows that it reads behind its line. */
class CopyQuery extends Query {
  private readonly data: Buffer;

  constructor(sql: string, done: (error: Error | null) => void) {
    const end = sql.indexOf('\n');
    super(sql.slice(0, end), done);
    this.data = Buffer.from(sql.slice(end + 1));
  }

  handleCopyInResponse(connection: {
    readonly sendCopyFromChunk: (data: Buffer) => void;
    readonly endCopyFrom: () => void;
  }): void {
    connection.sendCopyFromChunk(this.data);
    connection.endCopyFrom();
  }
}

async function send(sql: string, client: Client | undefined): Promise<void> {
  if (client === undefined) throw new Error('no client');
  if (!sql.startsWith('COPY ')) return void (await client.query(sql));
  await new Promise<void>((resolve, reject) => {
    client.query(new CopyQuery(sql, (error) => (error ? reject(error) : resolve())));
  });
}

/** A server on a store of its own that can be killed and comes back, and clients of it. */
export class HistoryServer {
  private readonly directory = temporaryDirectory();
  /** Its external-io-dir. */
  readonly io: string;
  private process: OothecaProcess | undefined;
  private client: Client | undefined;

  /** @param io of another server, whose backups it shall read */
  constructor(io?: string) {
    this.io = io ?? join(this.directory.path, 'io');
  }

  async start(): Promise<void> {
    mkdirSync(this.io, { recursive: true });
    this.process = await OothecaProcess.start([
      `--store=${join(this.directory.path, 'store')}`,
      `--external-io-dir=${this.io}`,
      '--locality=region=eu',
      '--cluster-regions=us',
    ]);
    this.client = await this.connect();
  }

  async connect(): Promise<Client> {
    if (this.process === undefined) throw new Error('no server');
    const client = await pgClient(this.process);
    for (const sql of SETTINGS) await client.query(sql);
    return client;
  }

  async stop(): Promise<void> {
    await this.client?.end();
    await this.process?.stop();
    this.directory.remove();
  }

  /** kill -9, and a start. */
  async crash(): Promise<void> {
    await this.process?.stop('SIGKILL');
    await this.client?.end().catch(() => undefined);
    await this.start();
  }

  readonly run = async (sql: string): Promise<(string | null)[][]> => {
    if (this.client === undefined) throw new Error('no client');
    return (await this.client.query({ text: sql, rowMode: 'array', types: AS_TEXT })).rows;
  };

  /** A statement may fail, but not by a defect of the server. @returns how it did */
  async attempt(sql: string, client = this.client): Promise<DatabaseError | undefined> {
    try {
      await send(sql, client);
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (error.code === 'XX000') throw new Error(`${DEFECT}${sql}: ${error.message}`);
      trace(`${error.code} ${sql}: ${error.message}\n`);
      return error;
    }
  }

  /** In a block, most of what fails is taken back, so that the others count. */
  async attemptInBlock(sql: string, client = this.client): Promise<DatabaseError | undefined> {
    const isControl = /^(COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SELECT 1 )/.test(sql);
    if (isControl) return await this.attempt(sql, client);
    await this.attempt('SAVEPOINT one', client);
    const error = await this.attempt(sql, client);
    await this.attempt(`${error ? 'ROLLBACK TO' : 'RELEASE'} SAVEPOINT one`, client);
    return error;
  }

  /** @param after what to do after each, told how it failed and whether a block is open */
  async attemptAll(
    statements: readonly string[],
    after: (error: DatabaseError | undefined, isInBlock: boolean) => Promise<void> | void,
    client = this.client,
  ): Promise<void> {
    let isInBlock = false;
    for (const sql of statements) {
      trace(`${sql}\n`);
      const error = await (isInBlock
        ? this.attemptInBlock(sql, client)
        : this.attempt(sql, client));
      if (sql === 'BEGIN') isInBlock = true;
      if (sql === 'COMMIT' || sql === 'ROLLBACK') isInBlock = false;
      await after(error, isInBlock);
    }
  }

  /** Statements of another client. @param isKilled the server may end before it has said what became of them */
  async writeBeside(statements: readonly string[], isKilled: boolean): Promise<void> {
    let client: Client | undefined;
    try {
      client = await this.connect();
      await this.attemptAll(statements, () => undefined, client);
    } catch (error) {
      const isDefect = error instanceof Error && error.message.startsWith(DEFECT);
      if (isDefect || !isKilled) throw error;
    } finally {
      await client?.end().catch(() => undefined);
    }
  }

  /** @returns which of the statuses the job has come to. @throws Error with what it says, when it failed */
  async jobComesTo(job: string, ...wanted: string[]): Promise<string> {
    for (;;) {
      const [[status = '', error] = []] = await this.run(
        `SELECT status, error FROM [SHOW JOBS] WHERE job_id = ${job}`,
      );
      if (status === 'failed') throw new Error(`job ${job}: ${error}`);
      if (status !== null && wanted.includes(status)) return status;
      await sleep(20);
    }
  }
}
