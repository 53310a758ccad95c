import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repoRoot } from '../support/shared';

test('the compiled kernels are those of their sources', () => {
  const script = join(repoRoot, 'scripts', 'build-kernel.mjs');
  expect(() =>
    execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
}, 60_000);
