import { type ChildProcess, spawn } from 'node:child_process';

/** A server of one scheme's protocol, for tests. Everything of it is gone when it is stopped. */
export interface StorageServer {
  /** Where it listens: `127.0.0.1:port`. */
  readonly address: string;
  /**
   * The URL of a path in the bucket (or its like) that is there.
   * @param through another address in front of the server: of a proxy @param params more of them
   */
  uri(path: string, through?: string, params?: Readonly<Record<string, string>>): string;
  /** The same in a bucket that is not there. */
  missingBucketUri(path: string): string;
  stop(): Promise<void>;
}

/** For hooks that start one on a machine that is busy. */
export const SERVER_START_MS = 180_000;

/** Starts a program and waits until it prints what `ready` matches. @returns the match's first group */
export async function startProgram(
  command: string,
  args: readonly string[],
  ready: RegExp,
): Promise<{ readonly child: ChildProcess; readonly found: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  const found = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      out += chunk.toString();
      const match = ready.exec(out);
      if (match !== null) resolve(match[1] ?? '');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} exited with ${code}: ${out}`)));
  });
  return { child, found };
}

export async function stopProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

export function query(params: Readonly<Record<string, string>>): string {
  return new URLSearchParams(params).toString();
}
