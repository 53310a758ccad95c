import { CorruptionError, SQLSTATE, SqlError, type SqlStateName } from './errors';

/** Errors on their way between threads: structured clones lose the class and its fields. */
export type TransferredError =
  | {
      readonly kind: 'sql';
      readonly code: SqlStateName;
      readonly message: string;
      readonly detail?: string;
      readonly hint?: string;
      readonly position?: number;
      readonly constraint?: string;
      readonly transient?: true;
      readonly context?: string;
    }
  | {
      readonly kind: 'corruption';
      readonly file: string;
      readonly offset: number | undefined;
      readonly message: string;
    }
  | {
      readonly kind: 'other';
      readonly message: string;
      readonly stack: string | undefined;
      /** Of an error of the operating system or of SQLite: ENOSPC, SQLITE_FULL. */
      readonly systemCode: string | undefined;
    };

const NAME_OF_SQLSTATE: ReadonlyMap<string, SqlStateName> = new Map(
  Object.entries(SQLSTATE).map(([name, code]) => [code, name as SqlStateName]),
);

export function toTransferredError(error: unknown): TransferredError {
  if (error instanceof SqlError) {
    return {
      kind: 'sql',
      code: NAME_OF_SQLSTATE.get(error.sqlstate) ?? 'internalError',
      message: error.message,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.position === undefined ? {} : { position: error.position }),
      ...(error.constraint === undefined ? {} : { constraint: error.constraint }),
      ...(error.transient ? { transient: true } : {}),
      ...(error.context === undefined ? {} : { context: error.context }),
    };
  }
  if (error instanceof CorruptionError) {
    const { file, offset, reason } = error;
    return { kind: 'corruption', file, offset, message: reason };
  }
  if (!(error instanceof Error)) {
    return { kind: 'other', message: String(error), stack: undefined, systemCode: undefined };
  }
  const { message, stack } = error;
  const systemCode = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { kind: 'other', message, stack, systemCode };
}

export function fromTransferredError(error: TransferredError): Error {
  switch (error.kind) {
    case 'sql': {
      const { kind: _, code, message, ...options } = error;
      return new SqlError(code, message, options);
    }
    case 'corruption':
      return new CorruptionError(error.file, error.offset, error.message);
    case 'other': {
      const revived = new Error(error.message);
      if (error.stack !== undefined) revived.stack = error.stack;
      return error.systemCode === undefined
        ? revived
        : Object.assign(revived, { code: error.systemCode });
    }
  }
}
