import { SqlError } from '../../base/errors';
import { arrayElements, arrayToRepr } from '../../catalog/types/array';
import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, FLOAT8, UNKNOWN } from '../../catalog/types/table';
import type { AggregateRow, ArgSpec } from './function-row';

/** `percentile_…(fraction) WITHIN GROUP (ORDER BY value)`: SQLite sorts the rows, NULLs are no rows. */

interface Gathered {
  fraction: Repr;
  seen: boolean;
  readonly values: Repr[];
}

type Pick = (values: readonly Repr[], fraction: number) => Repr;

function checked(fraction: number): number {
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw new SqlError(
    'numericValueOutOfRange',
    `percentile value ${fraction.toFixed(6)} is not between 0 and 1`,
  );
}

const discrete: Pick = (values, fraction) =>
  values[Math.max(Math.ceil(fraction * values.length), 1) - 1] ?? null;

const continuous: Pick = (values, fraction) => {
  const at = 1 + fraction * (values.length - 1);
  const below = Math.floor(at);
  const above = Math.ceil(at);
  const low = values[below - 1] ?? null;
  if (below === above) return low;
  const high = floatFromRepr(values[above - 1] ?? null);
  return floatToRepr((above - at) * floatFromRepr(low) + (at - below) * high);
};

function percentile(
  name: string,
  fraction: 'float' | 'array',
  value: ArgSpec,
  pick: Pick,
): AggregateRow {
  const many = fraction === 'array';
  return {
    name,
    args: [fraction, value],
    returns: ([, type]) => (many ? arrayOf(type ?? UNKNOWN) : (type ?? UNKNOWN)),
    skipsNull: false,
    orderedSet: true,
    implementation: {
      kind: 'udf',
      make: (_, returns) => ({
        start: (): Gathered => ({ fraction: null, seen: false, values: [] }),
        step: (state, wanted, item = null) => {
          const gathered = state as Gathered;
          gathered.fraction = wanted;
          gathered.seen = true;
          if (item !== null) gathered.values.push(item);
          return gathered;
        },
        result: (state) => answer(state as Gathered, many, pick, returns),
      }),
    },
  };
}

const FLOATS: SqlType = arrayOf(FLOAT8);

function answer(gathered: Gathered, many: boolean, pick: Pick, returns: SqlType): Repr {
  const { fraction, seen, values } = gathered;
  if (!seen || fraction === null) return null;
  const one = (wanted: Repr): Repr => {
    if (wanted === null) return null;
    const part = checked(floatFromRepr(wanted));
    return values.length === 0 ? null : pick(values, part);
  };
  if (!many) return one(fraction);
  if (values.length === 0) return null;
  return arrayToRepr(returns, arrayElements(FLOATS, fraction as Uint8Array).map(one));
}

export const orderedSets: readonly AggregateRow[] = [
  percentile('percentile_disc', 'float', 'any', discrete),
  percentile('percentile_disc', 'array', 'any', discrete),
  percentile('percentile_cont', 'array', 'float', continuous),
  percentile('percentile_cont', 'float', 'float', continuous),
];
