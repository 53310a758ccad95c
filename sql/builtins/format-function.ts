import { SqlError } from '../../base/errors';
import { quoteIdentifier, quoteLiteral } from '../../catalog/identifiers';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { TextEncoder } from '../../catalog/types/text';
import type { Udf } from './function-row';
import { castTextEncoder, withSettings } from './repr';

/** `format('%s of %-10I', …)`. Source: PostgreSQL's documentation of format(). */

/** Position, minus sign, width (a number, or the argument that says it), type. */
const SPECIFIER = /%(?:(\d+)\$)?(-)?(?:(\d+)|\*(?:(\d+)\$)?(?=[sIL]))?([sIL%])?/g;

const WIDTH_MAX = 10_000;

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);

class Arguments {
  private next = 0;
  private readonly encoders: readonly TextEncoder[];
  private readonly values: readonly Repr[];

  constructor(encoders: readonly TextEncoder[], values: readonly Repr[]) {
    this.encoders = encoders;
    this.values = values;
  }

  /** @param position from 1 on; the one after the last when not given */
  text(position: string | undefined): string | null {
    const at = position === undefined ? this.next : Number(position) - 1;
    if (at < 0) throw invalid('format specifies argument 0, but arguments are numbered from 1');
    this.next = at + 1;
    const encode = this.encoders[at];
    if (encode === undefined) throw invalid('too few arguments for format()');
    const value = this.values[at] ?? null;
    return value === null ? null : encode(value);
  }
}

function shown(text: string | null, kind: string): string {
  if (kind === 'L') return text === null ? 'NULL' : quoteLiteral(text);
  if (kind === 's') return text ?? '';
  if (text !== null) return quoteIdentifier(text);
  throw new SqlError('nullValueNotAllowed', 'null values cannot be formatted as an SQL identifier');
}

/** A negative width stands for a minus sign. */
function padded(text: string, width: number, left: boolean): string {
  const size = Math.abs(width);
  if (size > WIDTH_MAX) throw invalid(`the width of format() can be up to ${WIDTH_MAX}`);
  const missing = size - Array.from(text).length;
  if (missing <= 0) return text;
  return left || width < 0 ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function fill(pattern: string, args: Arguments): string {
  return pattern.replace(
    SPECIFIER,
    (all, position?: string, minus?: string, width?: string, from?: string, kind?: string) => {
      if (kind === '%') return '%';
      if (kind === undefined) throw invalid('unrecognized format() type specifier');
      let size = Number(width ?? 0);
      if (all.includes('*')) size = Number(args.text(from) ?? 0);
      if (!Number.isInteger(size)) throw invalid('the width of format() must be a whole number');
      return padded(shown(args.text(position), kind), size, minus !== undefined);
    },
  );
}

export function formatText(types: readonly SqlType[]): Udf {
  const encoders = withSettings((values) =>
    types.slice(1).map((type) => castTextEncoder(type, values)),
  );
  return (pattern: string | null, ...values: Repr[]) => {
    if (pattern === null) return null;
    const count = types.length - 1;
    return fill(pattern, new Arguments(encoders(...values.slice(count)), values));
  };
}
