import type { FunctionRow } from './function-row';
import { native, sameAs } from './rows';

/** GREATEST and LEAST ignore NULLs; SQLite's own max() and min() do not, so the list goes through a subquery. */
function extreme(name: string, aggregate: string): FunctionRow {
  return native(
    name,
    [],
    sameAs(0),
    (args) =>
      args.length === 1
        ? `${args[0]}`
        : `(SELECT ${aggregate}(x) FROM (SELECT ${args.map((arg, i) => (i === 0 ? `${arg} AS x` : arg)).join(' UNION ALL SELECT ')}))`,
    { strict: false },
  );
}

export const GREATEST = extreme('greatest', 'max');
export const LEAST = extreme('least', 'min');
