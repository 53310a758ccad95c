import { existsSync, readFileSync } from 'node:fs';

/** What Linux tells of another process; tests that need it run where /proc is. */

/** A `test` that is reported as skipped where there is no /proc. */
export const testWithProc = existsSync('/proc/self/stat') ? test : test.skip;

/** CPU time used so far, in hundredths of a second. */
export function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]); // utime, stime
}

function statusKiB(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm');
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** The most memory that the process had at once. */
export const peakMemoryKiB = (pid: number): number => statusKiB(pid, 'VmHWM');

export const memoryKiB = (pid: number): number => statusKiB(pid, 'VmRSS');

/** Looks again and again; the test's own timeout ends it. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
