import { realpath } from 'node:fs/promises';
import { posix, resolve, sep } from 'node:path';
import { SqlError } from '../../base/errors';

/**
 * `base` and `path` joined the way CockroachDB shows them: relative to the external-io-dir, dot segments resolved, those
 * that would leave it kept in front.
 */
export function joinRelative(base: string, path: string): string {
  return posix.normalize(posix.join('./', base.replace(/^\/+/, ''), path)).replace(/\/$/, '');
}

/**
 * The absolute path of `relative` under `root`, by its text alone.
 * @throws SqlError insufficientPrivilege (42501) when it leaves the root; invalidParameterValue (22023) for a NUL byte
 */
export function confine(root: string, relative: string): string {
  if (relative.includes('\0')) {
    throw new SqlError('invalidParameterValue', 'the path of a file cannot hold a NUL byte');
  }
  if (relative === '..' || relative.startsWith('../')) throw outside(relative);
  const path = resolve(root, `./${relative}`);
  if (!isInside(resolve(root), path)) throw outside(relative);
  return path;
}

/**
 * What `path` is when all symbolic links are followed, the root's own included.
 * @throws SqlError insufficientPrivilege (42501) when that is outside of the root; the file system's error when missing
 */
export async function confineLinks(root: string, path: string, relative: string): Promise<string> {
  const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)]);
  if (!isInside(realRoot, realPath)) throw outside(relative);
  return realPath;
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function outside(relative: string): SqlError {
  return new SqlError(
    'insufficientPrivilege',
    `local file access to paths outside of external-io-dir is not allowed: ${relative}`,
  );
}
