import { CorruptionError, SQLSTATE, SqlError, type SqlStateName } from '../../base/errors';
import { InvariantError } from '../../base/invariant';

/** Errors across threads: structured clone keeps no classes. */

export interface TransferredError {
  readonly family: 'sql' | 'corruption' | 'bug';
  readonly sqlstate?: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;
  readonly constraint?: string;
  readonly file?: string;
  readonly offset?: number;
}

const NAMES = new Map<string, SqlStateName>(
  Object.entries(SQLSTATE).map(([name, code]) => [code, name as SqlStateName]),
);

export function packError(error: unknown): TransferredError {
  if (error instanceof SqlError) {
    const { sqlstate, message, detail, hint, position, constraint } = error;
    return {
      family: 'sql',
      sqlstate,
      message,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      ...(position === undefined ? {} : { position }),
      ...(constraint === undefined ? {} : { constraint }),
    };
  }
  if (error instanceof CorruptionError) {
    const { message, file, offset } = error;
    return { family: 'corruption', message, file, ...(offset === undefined ? {} : { offset }) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { family: 'bug', message: text };
}

export function unpackError(packed: TransferredError): Error {
  switch (packed.family) {
    case 'sql': {
      const { message, detail, hint, position, constraint } = packed;
      return new SqlError(NAMES.get(packed.sqlstate ?? '') ?? 'internalError', message, {
        ...(detail === undefined ? {} : { detail }),
        ...(hint === undefined ? {} : { hint }),
        ...(position === undefined ? {} : { position }),
        ...(constraint === undefined ? {} : { constraint }),
      });
    }
    case 'corruption': {
      const file = packed.file ?? 'store';
      // The constructor puts file and offset before the message again.
      const message = packed.message.slice(packed.message.indexOf(': ') + 2);
      return new CorruptionError(file, packed.offset, message);
    }
    case 'bug':
      return new InvariantError(`in a query thread: ${packed.message}`);
  }
}
