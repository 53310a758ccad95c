import { notSupported, SqlError } from '../../base/errors';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { decodeText, type SessionValues } from '../builtins/repr';
import type { FormatCode, ResultColumn } from '../engine';
import type { StatementContext } from '../statements/statement-context';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws SqlError characterNotInRepertoire (22021) */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SqlError('characterNotInRepertoire', 'invalid byte sequence for encoding "UTF8"');
  }
}

/**
 * Bound parameters as representations. Text is read as the parameter's type; binary only where it is the same bytes as text or
 * the value itself.
 */
export function decodeParameters(
  types: readonly SqlType[],
  values: readonly (Uint8Array | null)[],
  formats: readonly FormatCode[],
  session: SessionValues,
): Repr[] {
  if (values.length !== types.length) {
    throw new SqlError(
      'protocolViolation',
      `expected ${types.length} arguments, got ${values.length}`,
    );
  }
  return types.map((type, i) => {
    const value = values[i] ?? null;
    if (value === null) return null;
    const format = formats.length === 1 ? formats[0] : (formats[i] ?? 0);
    if (format === 0) return decodeText(decodeUtf8(value), type, session);
    if (type.family === 'bytes') return Uint8Array.from(value);
    if (type.family === 'string') return decodeUtf8(value);
    throw notSupported('the binary format of parameters', 'Send them as text.');
  });
}

/** A prepared statement may be run again: its rows look the same to the client. */
export function sameColumns(a: readonly ResultColumn[], b: readonly ResultColumn[]): boolean {
  return a.length === b.length && a.every((column, i) => column.type.oid === b[i]?.type.oid);
}

/** A string or a parameter where a statement of CockroachDB's own takes a text. */
export function literalText(
  value: Parameters<StatementContext['text']>[0],
  parameters: readonly (Uint8Array | null)[],
): string {
  if (value.kind === 'string') return value.value;
  const bytes = parameters[value.index - 1];
  if (bytes === undefined || bytes === null) {
    throw new SqlError('undefinedParameter', `no value provided for placeholder: $${value.index}`);
  }
  return decodeUtf8(bytes);
}
