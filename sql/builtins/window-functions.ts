import type { SqlType } from '../../catalog/types/sql-type';
import { FLOAT8, INT8 } from '../../catalog/types/table';
import type { AggregateModifiers, AggregateRow, ArgSpec, ReturnSpec } from './function-row';
import { sameAs } from './rows';

/**
 * Functions that are called with OVER only: SQLite has all of them. Aggregates are window functions as well
 * (aggregates.ts). The text after the closing parenthesis, OVER included, comes as the `filter` modifier.
 */

type Render = (args: readonly string[], modifiers: AggregateModifiers) => string;

function windowRow(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  render: Render,
): AggregateRow {
  return { name, args, returns, skipsNull: false, implementation: { kind: 'sql', render } };
}

const integer = (name: string): AggregateRow =>
  windowRow(name, [], INT8, (_, m) => `${name}()${m.filter}`);

/** SQLite gives a REAL, which is not how a FLOAT is held. */
const fraction = (name: string): AggregateRow =>
  windowRow(name, [], FLOAT8, (_, m) => `w_float(${name}()${m.filter})`);

/**
 * SQLite keeps the rows that lag() and lead() may need by the direction alone, so a negative count must go through
 * lead(), which keeps the whole partition. No count gives no value, not the default.
 */
function offset(name: 'lag' | 'lead'): Render {
  return ([value, count, ...rest], m) => {
    if (count === undefined) return `${name}(${value})${m.filter}`;
    if (/^\d+$/.test(count)) return `${name}(${[value, count, ...rest].join(', ')})${m.filter}`;
    const signed = name === 'lag' ? `(- ${count})` : count;
    const call = `lead(${[value, signed, ...rest].join(', ')})${m.filter}`;
    return `CASE WHEN ${count} IS NULL THEN NULL ELSE ${call} END`;
  };
}

function offsetRows(name: 'lag' | 'lead'): AggregateRow[] {
  const render = offset(name);
  const same = (args: readonly SqlType[]): SqlType => {
    const [value, , otherwise] = args;
    return value?.family === 'unknown' && otherwise !== undefined ? otherwise : sameAs(0)(args);
  };
  return [
    windowRow(name, ['any'], sameAs(0), render),
    windowRow(name, ['any', 'int'], sameAs(0), render),
    windowRow(name, ['element', 'int', 'element'], same, render),
  ];
}

export const windowFunctions: readonly AggregateRow[] = [
  integer('row_number'),
  integer('rank'),
  integer('dense_rank'),
  fraction('percent_rank'),
  fraction('cume_dist'),
  windowRow(
    'ntile',
    ['int'],
    INT8,
    ([n], m) => `CASE WHEN ${n} IS NULL THEN NULL ELSE ntile(w_ntile(${n}))${m.filter} END`,
  ),
  ...offsetRows('lag'),
  ...offsetRows('lead'),
  windowRow('first_value', ['any'], sameAs(0), ([a], m) => `first_value(${a})${m.filter}`),
  windowRow('last_value', ['any'], sameAs(0), ([a], m) => `last_value(${a})${m.filter}`),
  windowRow(
    'nth_value',
    ['any', 'int'],
    sameAs(0),
    ([a, n], m) => `nth_value(${a}, w_nth(${n}))${m.filter}`,
  ),
];
