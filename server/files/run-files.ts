import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { type ConnectionListener, SqlConnection } from '../sql-client/connection';
import { ConnectionError, type Report, reportText } from '../sql-client/report';
import type { Row } from '../sql-client/result-writer';
import { UsageError } from '../usage-error';
import type { FileFlags } from './file-flags';

/** Of a file, in one statement. */
const PIECE_BYTES = 1 << 20;

/** What the server says no to. */
class Refused extends Error {}

/**
 * `ootheca userfile` and `ootheca nodelocal`.
 * @returns the exit code
 */
export async function runFiles(
  flags: FileFlags,
  output: Writable,
  errors: Writable,
): Promise<number> {
  const answers = new Answers();
  try {
    const connection = await SqlConnection.open(flags.connection, answers);
    answers.throwFailure();
    try {
      const client = new FileClient(flags, connection, answers, (line) =>
        output.write(`${line}\n`),
      );
      await client.run();
    } finally {
      connection.close();
    }
    return 0;
  } catch (error) {
    if (error instanceof ConnectionError) errors.write(reportText(error.report));
    else if (error instanceof Refused) errors.write(`${error.message}\n`);
    else if (error instanceof Error && 'code' in error) errors.write(`ERROR: ${error.message}\n`);
    else throw error;
    return 1;
  }
}

/** Rows of one query. */
class Answers implements ConnectionListener {
  rows: Row[] = [];
  private failure: Report | undefined;

  columns(): void {}
  complete(): void {}
  notice(): void {}
  flush(): undefined {}

  row(values: Row): void {
    this.rows.push(values);
  }

  failed(report: Report): void {
    this.failure ??= report;
  }

  throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw new Refused(reportText(failure).trimEnd());
  }
}

class FileClient {
  private readonly flags: FileFlags;
  private readonly connection: SqlConnection;
  private readonly answers: Answers;
  private readonly print: (line: string) => void;

  constructor(
    flags: FileFlags,
    connection: SqlConnection,
    answers: Answers,
    print: (line: string) => void,
  ) {
    this.flags = flags;
    this.connection = connection;
    this.answers = answers;
    this.print = print;
  }

  async run(): Promise<void> {
    const [first = '', second] = this.flags.operands;
    switch (this.flags.action) {
      case 'upload':
        return await this.upload(first, second ?? basename(first));
      case 'list':
        for (const path of await this.list(first)) this.print(path);
        return;
      case 'get':
        return await this.get(first, second ?? basename(first));
      case 'delete':
        return await this.delete(first);
    }
  }

  private async upload(source: string, destination: string): Promise<void> {
    const uri = this.uriOf(destination);
    const handle = await open(source, 'r');
    try {
      await this.ask(`FILE PUT ${quoted(uri)}`);
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      while (true) {
        const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES);
        if (bytesRead === 0) break;
        await this.ask(`FILE DATA '${piece.toString('base64', 0, bytesRead)}'`);
      }
      await this.ask('FILE END');
    } finally {
      await handle.close();
    }
    this.print(`successfully uploaded to ${this.shownUri(uri)}`);
  }

  /** @param pattern with `*` and `?`; empty: all */
  private async list(pattern: string): Promise<string[]> {
    const rows = await this.ask(`FILE LIST ${quoted(this.uriOf(''))}`);
    const paths = rows.map(([path]) => path ?? '');
    if (pattern === '') return paths;
    const wanted = patternOf(pathOf(pattern));
    return paths.filter((path) => wanted.test(path));
  }

  private async get(source: string, destination: string): Promise<void> {
    const uri = this.uriOf(source);
    let handle: FileHandle | undefined;
    try {
      for (let offset = 0; ; ) {
        const [row] = await this.ask(`FILE GET ${quoted(uri)} AT '${offset}'`);
        const bytes = Buffer.from((row?.[0] ?? '').replace(/^\\x/, ''), 'hex');
        // Nothing is made here before there is something to put into it.
        handle ??= await open(destination, 'wx');
        await handle.writeFile(bytes);
        offset += bytes.length;
        if (bytes.length === 0 || offset >= Number(row?.[1])) break;
      }
    } finally {
      await handle?.close();
    }
    this.print(`downloaded ${this.shownUri(uri)} to ${destination}`);
  }

  private async delete(pattern: string): Promise<void> {
    const found = await this.list(pattern);
    if (found.length === 0) throw new Refused('ERROR: no files matched');
    for (const path of found) {
      const uri = this.uriOf(path);
      await this.ask(`FILE DELETE ${quoted(uri)}`);
      this.print(`successfully deleted ${this.shownUri(uri)}`);
    }
  }

  private async ask(statement: string): Promise<readonly Row[]> {
    this.answers.rows = [];
    await this.connection.query(statement);
    this.answers.throwFailure();
    return this.answers.rows;
  }

  /** A path, or a whole URL of the scheme. */
  private uriOf(path: string): string {
    const { scheme } = this.flags;
    if (path.startsWith(`${scheme}://`)) return path;
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
      throw new UsageError(`${path} is no ${scheme} URL`);
    }
    const encoded = pathOf(path).split('/').map(encodeURIComponent).join('/');
    return scheme === 'nodelocal' ? `nodelocal://self/${encoded}` : `userfile:///${encoded}`;
  }

  /** As CockroachDB tells of it. */
  private shownUri(uri: string): string {
    const { user } = this.flags.connection;
    return uri
      .replace(/^userfile:\/\/\//, `userfile://defaultdb.public.userfiles_${user}/`)
      .replace(/^nodelocal:\/\/self\//, 'nodelocal://1/');
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Of a URL or of a path, without a slash in front. */
const pathOf = (text: string): string => text.replace(/^[a-z]+:\/\/[^/]*/, '').replace(/^\/+/, '');

function patternOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`);
}
