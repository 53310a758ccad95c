import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

// ootheca-mem-<scope>-<pid>-<random>
const PREFIX = 'ootheca-mem';

/** Which processes a pid can be looked up among: those of this machine and, on Linux, of this pid namespace. */
function pidScope(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the host name has to do.
  }
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}

/** A directory that only this user can enter, named after this process. */
export function createEphemeralStore(parentDir: string = tmpdir()): string {
  return mkdtempSync(join(parentDir, `${PREFIX}-${pidScope()}-${process.pid}-`));
}

export function removeEphemeralStore(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

/** Removes what processes left that were killed before they could. @returns the directories removed. */
export function removeStaleStores(parentDir: string = tmpdir()): readonly string[] {
  const removed: string[] = [];
  const prefix = `${PREFIX}-${pidScope()}-`;
  for (const name of readdirSync(parentDir)) {
    const pid = /^(\d+)-[A-Za-z0-9]+$/.exec(
      name.startsWith(prefix) ? name.slice(prefix.length) : '',
    );
    if (pid === null || isAlive(Number(pid[1]))) continue;
    const dir = join(parentDir, name);
    if (!isOurDirectory(dir)) continue;
    removeEphemeralStore(dir);
    removed.push(dir);
  }
  return removed;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, and somebody else's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** The parent may be /tmp, where anybody can plant a name: only a real directory of ours is removed. */
function isOurDirectory(dir: string): boolean {
  try {
    const stats = lstatSync(dir);
    return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
  } catch {
    return false;
  }
}
