import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A PostgreSQL 15 of its own in a temporary directory, reached by a Unix socket only. */

const BIN = '/usr/lib/postgresql/15/bin';

export const hasPostgres = existsSync(join(BIN, 'initdb'));

/** A `describe` that is reported as skipped, by name, where PostgreSQL 15 is not installed. */
export function describePostgres(name: string, body: () => void): void {
  if (hasPostgres) describe(name, body);
  else describe.skip(`${name} (needs PostgreSQL 15)`, body);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL does not run as root. */
function owner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || '65534');
  return { uid: id('-u'), gid: id('-g') };
}

export class ScratchPostgres {
  /** Of the socket. */
  readonly directory: string;
  private readonly child: ChildProcess;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.child = child;
  }

  static async start(): Promise<ScratchPostgres> {
    const directory = mkdtempSync(join(tmpdir(), 'ootheca-pg-'));
    const as = owner();
    if (as !== undefined) chownSync(directory, as.uid, as.gid);
    const data = join(directory, 'data');
    const args = ['-D', data, '-U', 'root', '--locale=C.UTF-8', '--encoding=UTF8', '--no-sync'];
    const made = spawnSync(join(BIN, 'initdb'), args, { encoding: 'utf8', cwd: directory, ...as });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const options = ['-D', data, '-k', directory, '-c', 'listen_addresses=', '-c', 'fsync=off'];
    const child = spawn(
      join(BIN, 'postgres'),
      [...options, '-c', 'timezone=UTC', '-c', 'extra_float_digits=0'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: directory,
        ...as,
      },
    );
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`postgres ended: ${log}`)));
    });
    return new ScratchPostgres(directory, child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const exited = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGINT');
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
