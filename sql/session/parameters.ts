import { SqlError } from '../../base/errors';
import { utf8Text } from '../../base/utf8';
import { compileBinaryDecoder } from '../../catalog/types/binary';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { STRING } from '../../catalog/types/table';
import { wide } from '../builtins/parse-text';
import { decodeText, type SessionValues } from '../builtins/repr';
import type { FormatCode, ResultColumn } from '../engine';
import type { RowFormat } from '../execute/data-row';
import type { Statement } from '../parse/ast';
import type { StatementContext } from '../statements/statement-context';

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

/** Commands whose placeholders are texts; the others have none. */
const COMMANDS_WITH_TEXTS: ReadonlySet<Statement['kind']> = new Set([
  'CreateRole',
  'AlterRole',
  // Refused by a sentence of its own.
  'SystemWrite',
]);

/**
 * One STRING for each `$n` up to the highest that a statement of CockroachDB's own names: locations, passphrases, times.
 * Found anywhere in its tree, PostgreSQL's nodes within it included.
 */
export function textParameterTypes(statement: Statement, givesRows: boolean): SqlType[] {
  if (!givesRows && !COMMANDS_WITH_TEXTS.has(statement.kind)) return [];
  let highest = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('kind' in node && node.kind === 'placeholder' && 'index' in node) {
      highest = Math.max(highest, Number(node.index));
    }
    for (const [key, child] of Object.entries(node)) {
      if (key === 'ParamRef') highest = Math.max(highest, Number(child?.number ?? 0));
      visit(child);
    }
  };
  visit(statement);
  return new Array<SqlType>(highest).fill(STRING);
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
  return utf8Text(bytes);
}
