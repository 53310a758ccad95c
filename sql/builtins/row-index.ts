import type { TypeFamily } from '../../catalog/types/sql-type';
import { aggregates } from './aggregates';
import { ANY_OF, MAKE_ARRAY, SUBSCRIPT } from './arrays';
import { adjustRowOf, castRowById } from './casts';
import { ORDER_KEY } from './comparisons';
import { MVCC_TIMESTAMP } from './crdb-internal';
import type { AggregateRow, FunctionRow } from './function-row';
import { JSON_KEY } from './json';
import { JSON_FIELD } from './json-records';
import { operators } from './operators';
import { builtins } from './registry';
import { MAKE_TUPLE, TUPLE_FIELD } from './tuples';

/** Rows by id: how a query thread finds the function that a compiled query names. */

/** Letters, digits and underscores only: it is also the name that SQLite knows. */
export function rowId(row: FunctionRow | AggregateRow): string {
  const letters = row.name.replace(/[^a-z0-9]/g, (c) =>
    c === '_' || c === ' ' ? '_' : `_${c.charCodeAt(0).toString(16)}`,
  );
  const rest = 'rest' in row && row.rest !== undefined ? `_rest_${row.rest}` : '';
  const kind = 'implementation' in row ? 'a' : 'f';
  return `${kind}_${letters}${row.args.map((arg) => `_${arg}`).join('')}${rest}`;
}

const index = new Map<string, FunctionRow | AggregateRow>();

function fill(): void {
  const rows = [
    ...operators,
    ...builtins,
    ...ANY_OF.values(),
    MAKE_ARRAY,
    SUBSCRIPT,
    MAKE_TUPLE,
    TUPLE_FIELD,
    JSON_KEY,
    JSON_FIELD,
    ORDER_KEY,
    MVCC_TIMESTAMP,
    ...aggregates,
  ];
  for (const row of rows) {
    const id = rowId(row);
    if (index.has(id)) throw new RangeError(`two rows have the id ${id}`);
    index.set(id, row);
  }
}

/** Rows whose function is the same for all types. */
export function untypedRows(): FunctionRow[] {
  return [...operators, ...builtins, JSON_KEY, MVCC_TIMESTAMP].filter(
    (row) => row.body.kind === 'udf',
  );
}

/** The row of an id; undefined when no table has it. */
export function rowById(id: string): FunctionRow | AggregateRow | undefined {
  if (index.size === 0) fill();
  const known = index.get(id);
  if (known !== undefined) return known;
  const cast = /^f_cast_to_([a-z0-9]+)_([a-z0-9]+)$/.exec(id);
  if (cast !== null) return castRowById(cast[2] as TypeFamily, cast[1] as TypeFamily);
  const adjust = /^f_adjust_([a-z0-9]+)_/.exec(id);
  return adjust === null ? undefined : adjustRowOf(adjust[1] as TypeFamily);
}
