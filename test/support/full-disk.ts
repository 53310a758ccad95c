import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that can be filled: for root on Linux only. */
export function describeFullDisk(name: string, body: (mount: string) => void): void {
  const path = mkdtempSync(join(tmpdir(), 'ootheca-full-'));
  const isMounted =
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path]).status === 0;
  if (!isMounted) {
    rmSync(path, { recursive: true });
    describe.skip(`${name} (needs root, to mount a tmpfs)`, () => body(path));
    return;
  }
  describe(name, () => {
    afterAll(() => {
      spawnSync('umount', [path]);
      rmSync(path, { recursive: true });
    });
    body(path);
  });
}
