import { SqlError } from '../../base/errors';
import { compileBinaryDecoder } from '../../catalog/types/binary';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { wide } from '../builtins/parse-text';
import { compileDecoder, type SessionValues } from '../builtins/repr';
import type { RawRow } from './row-reader';

export interface CopyColumn {
  readonly name: string;
  readonly type: SqlType;
}

type FieldDecoder = (field: string | Uint8Array) => Repr;

/** As much of a value as an error shows. */
const SHOWN_LENGTH_MAX = 100;

/** Fields of COPY's input to values. Its errors say where: `COPY t, line 3, column a: "x"`. */
export class RowDecoder {
  private readonly table: string;
  private readonly columns: readonly CopyColumn[];
  private readonly decoders: readonly FieldDecoder[];

  constructor(
    table: string,
    columns: readonly CopyColumn[],
    isBinary: boolean,
    session: SessionValues,
  ) {
    this.table = table;
    this.columns = columns;
    this.decoders = columns.map(({ type }): FieldDecoder => {
      if (isBinary) {
        const decode = compileBinaryDecoder(type);
        return (field) => wide(decode(field as Uint8Array));
      }
      const decode = compileDecoder(type, session);
      return (field) => decode(field as string);
    });
  }

  /** @throws SqlError 22P04 fewer or more fields than columns; what reading a value gives */
  row({ fields, line }: RawRow): Repr[] {
    const { columns, decoders } = this;
    if (fields.length !== columns.length) throw this.wrongCount(fields, line);
    const values = new Array<Repr>(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] ?? null;
      if (field === null) values[i] = null;
      else {
        try {
          values[i] = decoders[i]?.(field) ?? null;
        } catch (error) {
          throw this.located(error, line, i, field);
        }
      }
    }
    return values;
  }

  private wrongCount(fields: RawRow['fields'], line: number): SqlError {
    const missing = this.columns[fields.length];
    const message =
      missing === undefined
        ? 'extra data after last expected column'
        : `missing data for column "${missing.name}"`;
    return new SqlError('badCopyFileFormat', message, { context: lineContext(this.table, line) });
  }

  private located(
    error: unknown,
    line: number,
    column: number,
    field: string | Uint8Array,
  ): unknown {
    if (!(error instanceof SqlError)) return error;
    const where = `${lineContext(this.table, line)}, column ${this.columns[column]?.name}`;
    if (typeof field !== 'string') return error.inContext(where);
    const isLong = field.length > SHOWN_LENGTH_MAX;
    const shown = isLong ? `${field.slice(0, SHOWN_LENGTH_MAX)}...` : field;
    return error.inContext(`${where}: "${shown}"`);
  }
}

export function lineContext(table: string, line: number): string {
  return `COPY ${table}, line ${line}`;
}
