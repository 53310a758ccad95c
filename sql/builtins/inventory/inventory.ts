import { spatialFunctions } from './spatial-functions';
import { compatibilityFunctions, systemFunctions } from './system-functions';
import { aggregateFunctions, scalarFunctions, windowFunctionList } from './value-functions';

/**
 * Every function of CockroachDB v21.2, whether it is there or not: what is not is refused by its name instead of being
 * called unknown. docs/builtins.md is made from this list.
 *
 * One line a function: `name: argument types | argument types of another overload`. `()` is no arguments, `type...`
 * any number of them.
 */

export interface InventorySection {
  readonly category: string;
  readonly functions: string;
}

export interface InventoryFunction {
  readonly name: string;
  readonly category: string;
  /** Argument types of each overload. */
  readonly overloads: readonly (readonly string[])[];
}

export const inventorySections: readonly InventorySection[] = [
  ...scalarFunctions,
  ...aggregateFunctions,
  ...windowFunctionList,
  ...systemFunctions,
  ...compatibilityFunctions,
  ...spatialFunctions,
];

function parseLine(category: string, line: string): InventoryFunction {
  const colon = line.indexOf(':');
  const overloads = line
    .slice(colon + 1)
    .split('|')
    .map((overload) => overload.trim())
    .map((overload) => (overload === '()' ? [] : overload.split(/\s+/)));
  return { name: line.slice(0, colon), category, overloads };
}

export const inventory: readonly InventoryFunction[] = inventorySections.flatMap((section) =>
  section.functions
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => parseLine(section.category, line)),
);

const names = new Set(inventory.map((fn) => fn.name));

/** True for a function that CockroachDB v21.2 has. */
export const isKnownFunction = (name: string): boolean => names.has(name);
