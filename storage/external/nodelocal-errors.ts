import { SqlError } from '../../base/errors';

/** The file system's errors in CockroachDB's words, where it has any. */

export function errorCode(error: unknown): string | undefined {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode ? String(error.code) : undefined;
}

export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export function asStatError(error: unknown): unknown {
  if (!(error instanceof SqlError) || error.sqlstate !== '42501') return error;
  return new SqlError(
    'insufficientPrivilege',
    `rpc error: code = Unknown desc = getting stat of file: ${error.message}`,
  );
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'not a directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['ENAMETOOLONG', 'file name too long'],
  ['ENOSPC', 'no space left on device'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EROFS', 'read-only file system'],
  ['EISDIR', 'is a directory'],
  ['EEXIST', 'file exists'],
  // What opening a socket or a device without a driver gives.
  ['ENXIO', 'not a regular file'],
]);

/** A disk or a mounted file system that does not answer now and may again. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'EAGAIN',
  'EBUSY',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOTCONN',
  'ESTALE',
  'ETIMEDOUT',
]);

/** The file system's error in CockroachDB's words, where it has any. */
export function fileError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof SqlError) return asStatError(error);
  const reason = REASONS.get(code) ?? code;
  if (isMissing(error)) {
    return new SqlError(
      'undefinedFile',
      `nodelocal storage file does not exist: rpc error: code = NotFound desc = stat ${path}: ${reason}: external_storage: file doesn't exist`,
      { cause: error },
    );
  }
  return new SqlError('ioError', `nodelocal storage file cannot be read: ${path}: ${reason}`, {
    cause: error,
    transient: TRANSIENT_CODES.has(code),
  });
}

export function writeError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof SqlError) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new SqlError(
    full ? 'diskFull' : 'ioError',
    `nodelocal storage file cannot be written: ${path}: ${REASONS.get(code) ?? code}`,
    { cause: error, transient: TRANSIENT_CODES.has(code) },
  );
}
