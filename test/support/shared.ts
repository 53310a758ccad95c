import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const repoRoot = resolve(__dirname, '..', '..');

/** Real backups, answers and format vectors beside the checkout; absent on a fresh clone elsewhere. */
export const sharedDir = join(repoRoot, '..', 'shared');

export const hasShared = existsSync(join(sharedDir, 'backups'));

/**
 * A `describe` that is reported as skipped, by name, where `../shared` is absent. Its body is not run then: jest would collect
 * the tests of a skipped `describe` too, and bodies read lists of files.
 */
export function describeShared(name: string, body: () => void): void {
  if (hasShared) describe(name, body);
  else describe(name, () => test.skip('needs ../shared', () => undefined));
}

export const fixturesDir = join(repoRoot, 'test', 'fixtures');
