import { aggregates } from './aggregates';
import { arrayBuiltins } from './arrays';
import { byteBuiltins } from './bytes';
import { clockBuiltins } from './clocks';
import { crdbInternalBuiltins } from './crdb-internal';
import { cryptoBuiltins } from './crypto';
import { dateTimeBuiltins } from './datetime-functions';
import { dateTimeTextBuiltins } from './datetime-text';
import { englishBuiltins } from './english';
import { enumBuiltins } from './enums';
import type { AggregateRow, FunctionRow } from './function-row';
import { fuzzyBuiltins } from './fuzzy';
import { geoBuiltins } from './geo';
import { idBuiltins } from './ids';
import { jsonBuiltins } from './json';
import { jsonFunctions } from './json-functions';
import { mathBuiltins } from './math';
import { networkBuiltins } from './network';
import { operators } from './operators';
import { pgCatalogBuiltins } from './pg-catalog';
import { pgCompatibilityBuiltins } from './pg-compatibility';
import { regionBuiltins } from './regions';
import { rowIdBuiltins } from './row-ids';
import { sequenceBuiltins } from './sequence-builtins';
import { stringBuiltins } from './strings';
import { systemBuiltins } from './system';
import { textPatternBuiltins } from './text-patterns';
import { windowFunctions } from './window-functions';

/** All tables together, by name. */

function byName<Row extends { readonly name: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const map = new Map<string, Row[]>();
  for (const row of rows) {
    const list = map.get(row.name);
    if (list === undefined) map.set(row.name, [row]);
    else list.push(row);
  }
  return map;
}

export const builtins: readonly FunctionRow[] = [
  ...arrayBuiltins,
  ...sequenceBuiltins,
  ...stringBuiltins,
  ...mathBuiltins,
  ...dateTimeBuiltins,
  ...jsonBuiltins,
  ...systemBuiltins,
  ...rowIdBuiltins,
  ...pgCatalogBuiltins,
  ...geoBuiltins,
  ...textPatternBuiltins,
  ...pgCompatibilityBuiltins,
  ...networkBuiltins,
  ...jsonFunctions,
  ...idBuiltins,
  ...fuzzyBuiltins,
  ...enumBuiltins,
  ...englishBuiltins,
  ...dateTimeTextBuiltins,
  ...cryptoBuiltins,
  ...crdbInternalBuiltins,
  ...regionBuiltins,
  ...clockBuiltins,
  ...byteBuiltins,
];

const operatorsByName = byName(operators);
const builtinsByName = byName(builtins);
const aggregatesByName = byName(aggregates);
const windowsByName = byName(windowFunctions);

/** Rows of an operator with that many operands. */
export function operatorRows(name: string, operands: number): readonly FunctionRow[] {
  return (operatorsByName.get(name) ?? []).filter((row) => row.args.length === operands);
}

export function functionRows(name: string): readonly FunctionRow[] {
  return builtinsByName.get(name) ?? [];
}

export function aggregateRows(name: string): readonly AggregateRow[] {
  return aggregatesByName.get(name) ?? [];
}

/** Rows of a function that needs OVER. */
export function windowRows(name: string): readonly AggregateRow[] {
  return windowsByName.get(name) ?? [];
}
