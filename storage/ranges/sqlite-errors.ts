import { SqlError, type SqlStateName } from '../../base/errors';

interface Mapping {
  readonly code: SqlStateName;
  readonly message: string;
  readonly hint?: string;
}

/** By primary result code; extended codes such as SQLITE_IOERR_FSYNC start with it. Source: sqlite.org/rescode.html. */
const MAPPINGS: ReadonlyArray<readonly [prefix: string, Mapping]> = [
  [
    'SQLITE_FULL',
    {
      code: 'diskFull',
      message: 'no space left on the device of the store',
      hint: 'Free some space; nothing of the failed transaction was kept.',
    },
  ],
  ['SQLITE_CORRUPT', { code: 'dataCorrupted', message: 'the store is damaged' }],
  ['SQLITE_NOTADB', { code: 'dataCorrupted', message: 'the store is damaged: not a database' }],
  ['SQLITE_IOERR', { code: 'ioError', message: 'could not read or write the store' }],
  ['SQLITE_CANTOPEN', { code: 'ioError', message: 'could not open the store' }],
  ['SQLITE_PERM', { code: 'ioError', message: 'no permission to use the store' }],
  ['SQLITE_READONLY', { code: 'ioError', message: 'the store is read-only' }],
  ['SQLITE_NOMEM', { code: 'outOfMemory', message: 'out of memory' }],
  ['SQLITE_TOOBIG', { code: 'programLimitExceeded', message: 'value or row too large' }],
  ['SQLITE_BUSY', { code: 'lockNotAvailable', message: 'the store is locked' }],
  ['SQLITE_LOCKED', { code: 'lockNotAvailable', message: 'the store is locked' }],
  ['SQLITE_INTERRUPT', { code: 'queryCanceled', message: 'query execution canceled' }],
];

/**
 * SQLite's result code with its extension (`SQLITE_CONSTRAINT_UNIQUE`), or undefined for any other error. By name, not by
 * class: the native part keeps the class of whoever loaded it first, which need not be ours (several module registries).
 */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'SqliteError' && typeof code === 'string' ? code : undefined;
}

/** A row with the same key exists already. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCode(error);
  return (
    code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY' ||
    code === 'SQLITE_CONSTRAINT_ROWID'
  );
}

/**
 * What of SQLite's errors is about the store as a whole, as a `SqlError` that names it. Others, constraint violations
 * first of all, are returned as they are: who ran the statement knows what they mean.
 * @param file path of the store
 */
export function toStorageError(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const found = MAPPINGS.find(([prefix]) => code === prefix || code.startsWith(`${prefix}_`));
  if (found === undefined) return error;
  const [, mapping] = found;
  const detail = error instanceof Error ? error.message : String(error);
  return new SqlError(mapping.code, `${mapping.message}: ${file}`, {
    detail: `${code}: ${detail}`,
    cause: error,
    ...(mapping.hint === undefined ? {} : { hint: mapping.hint }),
  });
}
