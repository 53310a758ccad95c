import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repoRoot } from './shared';

/** Where a server is reached. */
export interface ServerAddress {
  readonly port: number;
  url(database?: string): string;
}

/** The compiled program as a user starts it, on a free port of 127.0.0.1. */
export class OothecaProcess implements ServerAddress {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly log: string[];

  private constructor(child: ChildProcess, port: number, log: string[]) {
    this.child = child;
    this.port = port;
    this.log = log;
  }

  /** @param flags of `ootheca start`, beside --listen-addr and, without --certs-dir, --insecure */
  static async start(flags: readonly string[]): Promise<OothecaProcess> {
    const main = join(repoRoot, 'dist', 'server', 'main.js');
    if (!existsSync(main)) throw new Error('dist/ is missing: run `npm run build` first');
    const security = flags.some((flag) => flag.startsWith('--certs-dir')) ? [] : ['--insecure'];
    const args = [main, 'start', '--listen-addr=127.0.0.1:0', ...security, ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => log.push(chunk.toString()));
    const port = await new Promise<number>((resolve, reject) => {
      let out = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        const found = /postgresql:\/\/root@127\.0\.0\.1:(\d+)\//.exec(out);
        if (found !== null) resolve(Number(found[1]));
      });
      child.once('exit', (code) =>
        reject(new Error(`ootheca exited with ${code} before it was ready: ${log.join('')}`)),
      );
    });
    return new OothecaProcess(child, port, log);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get stderr(): string {
    return this.log.join('');
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends the process and waits for it. @returns its exit code, null when a signal ended it */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.isRunning) return this.child.exitCode;
    const exited = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    return await exited;
  }

  url(database = 'defaultdb'): string {
    return `postgresql://root@127.0.0.1:${this.port}/${database}?sslmode=disable`;
  }

  /** Runs statements with psql, as the answers in `expected/` were made. Throws with what psql said on an error. */
  psql(database: string, statements: readonly string[], flags: readonly string[] = []): string {
    const commands = statements.flatMap((statement) => ['-c', statement]);
    return this.runPsql(database, [...flags, ...commands]);
  }

  /** Runs a file of statements, up to the first error. */
  psqlFile(database: string, path: string): string {
    return this.runPsql(database, ['-f', path]);
  }

  private runPsql(database: string, flags: readonly string[]): string {
    const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '--csv', '-P', 'null=\\N', ...flags];
    const done = spawnSync('psql', [...args, this.url(database)], {
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(done.stderr);
    return done.stdout;
  }
}

export const hasPsql = spawnSync('psql', ['--version']).status === 0;

/** A `describe` that is reported as skipped, by name, where psql is not installed. */
export function describePsql(name: string, body: () => void): void {
  if (hasPsql) describe(name, body);
  else describe.skip(`${name} (needs psql)`, body);
}

/** A new directory below the system's temporary one; the function removes it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'ootheca-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
