import { arrayElements, arrayToRepr } from '../../catalog/types/array';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { RECORD, UNKNOWN } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { factory } from './rows';

/** Row values: made of their fields, and taken apart again. */

export const MAKE_TUPLE: FunctionRow = factory(
  'tuple',
  [],
  RECORD,
  (_, returns) =>
    (...items: Repr[]) =>
      arrayToRepr(returns, items),
  { strict: false },
);

const fieldsOf = (args: readonly SqlType[]): SqlType => args[0] ?? RECORD;

/** `tuple_field(row, n)`: the n-th field, from 1. */
export const TUPLE_FIELD: FunctionRow = factory(
  'tuple_field',
  ['tuple', 'int'],
  (args) => fieldsOf(args).fields?.[0] ?? UNKNOWN,
  (args) => (value: Uint8Array, index: bigint) =>
    arrayElements(fieldsOf(args), value)[Number(index) - 1] ?? null,
);
