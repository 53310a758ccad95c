import { SqlError } from '../../base/errors';
import { utf8Text } from '../../base/utf8';
import { compileBinaryDecoder } from '../../catalog/types/binary';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { wide } from '../builtins/parse-text';
import { decodeText, type SessionValues } from '../builtins/repr';
import type { FormatCode, ResultColumn } from '../engine';
import type { RowFormat } from '../execute/data-row';

/** What the client bound a statement with. */
export interface GivenParameters {
  readonly parameters: readonly (Uint8Array | null)[];
  readonly parameterFormats: readonly FormatCode[];
  readonly resultFormats: RowFormat;
}

export const decodeGiven = (
  types: readonly SqlType[],
  { parameters, parameterFormats }: GivenParameters,
  session: SessionValues,
): Repr[] => decodeParameters(types, parameters, parameterFormats, session);

/** Bound parameters as representations, read as their types say. @throws SqlError 08P01, and what reading a value gives */
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
    try {
      if (format === 0) return decodeText(utf8Text(value), type, session);
      return wide(binaryDecoder(type)(value));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw error.withMessage(`error in argument for $${i + 1}: ${error.message}`);
    }
  });
}

const binaryDecoders = new WeakMap<SqlType, (bytes: Uint8Array) => Repr>();

function binaryDecoder(type: SqlType): (bytes: Uint8Array) => Repr {
  let decoder = binaryDecoders.get(type);
  if (decoder === undefined) {
    decoder = compileBinaryDecoder(type);
    binaryDecoders.set(type, decoder);
  }
  return decoder;
}

type Columns = readonly ResultColumn[] | null;

/** A prepared statement may be run again when its rows look the same to the client. @throws SqlError 0A000 */
export function checkSameColumns(now: Columns, prepared: Columns): void {
  const same =
    now?.length === prepared?.length &&
    (now ?? []).every((column, i) => column.type.oid === prepared?.[i]?.type.oid);
  if (same) return;
  throw new SqlError('featureNotSupported', 'cached plan must not change result type');
}
