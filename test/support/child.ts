import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repoRoot } from './shared';

/** A TypeScript program of `test/support/children` in a process of its own, to be killed by a test. */
export class Child {
  private static readonly alive = new Set<Child>();
  private readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly exited: Promise<unknown>;

  constructor(program: string, ...args: string[]) {
    const register = join(repoRoot, 'test', 'support', 'register-swc.cjs');
    const file = join(repoRoot, 'test', 'support', 'children', `${program}.ts`);
    this.process = spawn(process.execPath, ['--expose-gc', '-r', register, file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exited = once(this.process, 'exit');
    Child.alive.add(this);
    if (this.process.stdout === null) throw new Error('no stdout');
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  /** Waits until the program prints `wanted`. */
  async line(wanted: string): Promise<void> {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`the child ended without printing "${wanted}"`);
      if (value === wanted) return;
    }
  }

  /** Waits for the next line, whatever it is; returns at once when there are no more. */
  async anyLine(): Promise<void> {
    await this.lines.next();
  }

  /** kill -9. */
  async kill(): Promise<void> {
    Child.alive.delete(this);
    this.process.kill('SIGKILL');
    await this.exited;
  }

  async exit(): Promise<void> {
    await this.exited;
  }

  /** For `afterEach`: a test that failed has not killed its own. */
  static async killAll(): Promise<void> {
    for (const child of [...Child.alive]) await child.kill();
  }
}
