import { CorruptionError, SQLSTATE, SqlError } from '../../base/errors';
import { type Logger, redactSecrets } from '../../base/logger';
import { ProtocolError } from './protocol-error';

/** An ErrorResponse before it is bytes. */
export interface ErrorFields {
  readonly severity: 'ERROR' | 'FATAL';
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** 1-based, in characters of the text that the client sent. */
  readonly position?: number | undefined;
  readonly constraint?: string | undefined;
  /** What was being read when it came up. */
  readonly context?: string | undefined;
}

/** SQLSTATE by `code` of an error of the operating system or of SQLite. SQLite's extended codes go by their prefix. */
const SQLSTATE_BY_SYSTEM_CODE: { readonly [code: string]: string } = {
  ENOSPC: SQLSTATE.diskFull,
  EDQUOT: SQLSTATE.diskFull,
  SQLITE_FULL: SQLSTATE.diskFull,
  EIO: SQLSTATE.ioError,
  SQLITE_IOERR: SQLSTATE.ioError,
  EMFILE: SQLSTATE.insufficientResources,
  ENFILE: SQLSTATE.insufficientResources,
  ENOMEM: SQLSTATE.outOfMemory,
  SQLITE_NOMEM: SQLSTATE.outOfMemory,
  SQLITE_CORRUPT: SQLSTATE.dataCorrupted,
  SQLITE_NOTADB: SQLSTATE.dataCorrupted,
};

function systemSqlState(error: Error): string | undefined {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return undefined;
  const sqliteCode = /^SQLITE_[A-Z]+/.exec(code)?.[0];
  return SQLSTATE_BY_SYSTEM_CODE[sqliteCode ?? code];
}

/**
 * Any thrown value as the client is to see it. The one place where that is decided; what is not the user's doing is logged
 * here, with its stack.
 *
 * @param statementOffset characters before the statement in the client's text, added to the error's position.
 */
export function errorFields(error: unknown, logger: Logger, statementOffset = 0): ErrorFields {
  if (error instanceof SqlError) {
    return {
      severity: 'ERROR',
      sqlstate: error.sqlstate,
      message: error.message,
      detail: error.detail,
      hint: error.hint,
      position: error.position === undefined ? undefined : error.position + statementOffset,
      constraint: error.constraint,
      context: error.context,
    };
  }
  if (error instanceof ProtocolError) {
    return { severity: 'FATAL', sqlstate: SQLSTATE.protocolViolation, message: error.message };
  }
  if (error instanceof CorruptionError) {
    logger.error({ err: error }, 'corrupt data');
    return { severity: 'ERROR', sqlstate: SQLSTATE.dataCorrupted, message: error.message };
  }
  if (error instanceof RangeError && error.message === 'Maximum call stack size exceeded') {
    logger.error({ err: error }, 'stack exhausted');
    const message = 'statement is too complex: stack depth limit exceeded';
    return { severity: 'ERROR', sqlstate: SQLSTATE.statementTooComplex, message };
  }
  const message = redactSecrets(error instanceof Error ? error.message : String(error));
  // SQLite's limit, met by CREATE TABLE and ADD COLUMN: 2,000, what Ootheca adds to a table included.
  if (/too many columns on t\d+$/.test(message)) {
    const text = 'tables can have at most 1990 columns';
    return { severity: 'ERROR', sqlstate: SQLSTATE.programLimitExceeded, message: text };
  }
  const systemState = error instanceof Error ? systemSqlState(error) : undefined;
  if (systemState !== undefined) {
    logger.error({ err: error }, 'system error');
    return { severity: 'ERROR', sqlstate: systemState, message };
  }
  logger.error({ err: error }, 'internal error');
  return {
    severity: 'ERROR',
    sqlstate: SQLSTATE.internalError,
    message: `internal error: ${message}`,
  };
}
