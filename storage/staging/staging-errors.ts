import { SqlError } from '../../base/errors';

const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** An error of the file system as the store's own errors are worded (storage/ranges/sqlite-errors.ts). */
export function toStagingError(error: unknown, path: string): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  const { code, message } = error as { code: unknown; message?: unknown };
  const options = { detail: String(message), cause: error };
  return FULL.has(code)
    ? new SqlError('diskFull', `no space left on the device of the store: ${path}`, {
        ...options,
        hint: 'Free some space; nothing of the failed transaction was kept.',
      })
    : new SqlError('ioError', `could not read or write the store: ${path}`, options);
}

export const rowTooLarge = (): SqlError =>
  new SqlError('programLimitExceeded', 'value or row too large');
