import { notSupported, SqlError } from '../../base/errors';
import type { SequenceOptions } from '../../catalog/new-descriptors';
import { INT8_MAX, INT8_MIN } from '../builtins/integer';
import type { SequenceOption } from '../parse/ddl-ast';

/** Options of CREATE SEQUENCE and of IDENTITY. */

/** Bounds of the types that AS may name. */
const BOUNDS: ReadonlyMap<string, readonly [min: bigint, max: bigint]> = new Map([
  ['smallint', [-32768n, 32767n]],
  ['int2', [-32768n, 32767n]],
  ['int4', [-2147483648n, 2147483647n]],
  ['integer', [INT8_MIN, INT8_MAX]],
  ['int', [INT8_MIN, INT8_MAX]],
  ['int8', [INT8_MIN, INT8_MAX]],
  ['int64', [INT8_MIN, INT8_MAX]],
  ['bigint', [INT8_MIN, INT8_MAX]],
]);

/** @throws SqlError syntaxError (42601) for an option given twice, invalidParameterValue (22023) */
export function sequenceOptions(given: readonly SequenceOption[]): SequenceOptions {
  const values = new Map<string, bigint>();
  const seen = new Set<string>();
  for (const option of given) {
    if (option.kind === 'unsupported') throw notSupported(option.what);
    const name = SAME_OPTION.get(option.kind) ?? option.kind;
    if (seen.has(name)) throw new SqlError('syntaxError', 'conflicting or redundant options');
    seen.add(name);
    if ('value' in option) values.set(option.kind, option.value);
  }
  const [typeMin, typeMax] = typeBounds(given);
  const increment = values.get('increment') ?? 1n;
  const ascending = increment > 0n;
  const minValue = values.get('minValue') ?? (ascending ? 1n : typeMin);
  const maxValue = values.get('maxValue') ?? (ascending ? typeMax : -1n);
  const start = values.get('start') ?? (ascending ? minValue : maxValue);
  const cache = values.get('cache') ?? 1n;
  const problem =
    sequenceProblem({ increment, minValue, maxValue, start, cache }) ??
    boundsProblem(minValue, maxValue, typeMin, typeMax);
  if (problem !== undefined) throw new SqlError('invalidParameterValue', problem);
  const virtual = given.some((option) => option.kind === 'virtual');
  return { increment, minValue, maxValue, start, cache, virtual };
}

const SAME_OPTION: ReadonlyMap<string, string> = new Map([
  ['noMinValue', 'minValue'],
  ['noMaxValue', 'maxValue'],
  ['noOwner', 'owner'],
]);

export function typeBounds(given: readonly SequenceOption[]): readonly [bigint, bigint] {
  const as = given.find((option) => option.kind === 'as');
  if (as === undefined) return [INT8_MIN, INT8_MAX];
  const bounds = BOUNDS.get(as.type);
  if (bounds !== undefined) return bounds;
  throw new SqlError(
    'invalidParameterValue',
    `type must be INT, INT2, INT4 or INT8, not ${as.type}`,
  );
}

export function boundsProblem(
  minValue: bigint,
  maxValue: bigint,
  typeMin: bigint,
  typeMax: bigint,
): string | undefined {
  if (maxValue > typeMax) {
    return `MAXVALUE (${maxValue}) must be less than (${typeMax}) for type`;
  }
  if (minValue < typeMin) {
    return `MINVALUE (${minValue}) must be greater than (${typeMin}) for type`;
  }
  return undefined;
}

type Numbers = Omit<SequenceOptions, 'virtual'>;

export function sequenceProblem(options: Numbers): string | undefined {
  const { increment, minValue, maxValue, start, cache } = options;
  for (const value of [increment, minValue, maxValue, start, cache]) {
    if (value > INT8_MAX || value < INT8_MIN) return `value out of range: ${value}`;
  }
  if (increment === 0n) return 'INCREMENT must not be zero';
  if (cache < 1n) return `CACHE (${cache}) must be greater than zero`;
  if (maxValue < minValue) {
    return `MINVALUE (${minValue}) must be less than MAXVALUE (${maxValue})`;
  }
  if (start > maxValue) {
    return `START value (${start}) cannot be greater than MAXVALUE (${maxValue})`;
  }
  if (start < minValue) return `START value (${start}) cannot be less than MINVALUE (${minValue})`;
  return undefined;
}

const WORDS: { readonly [K in SequenceOption['kind']]?: string } = {
  increment: 'INCREMENT',
  minValue: 'MINVALUE',
  maxValue: 'MAXVALUE',
  start: 'START',
  cache: 'CACHE',
  noMinValue: 'NO MINVALUE',
  noMaxValue: 'NO MAXVALUE',
  noCycle: 'NO CYCLE',
  virtual: 'VIRTUAL',
};

/** As they were given, in CockroachDB's spelling. */
export function sequenceOptionsText(given: readonly SequenceOption[]): string {
  return given
    .flatMap((option) => {
      const word = WORDS[option.kind];
      if (word === undefined) return [];
      return 'value' in option ? [`${word} ${option.value}`] : [word];
    })
    .join(' ');
}
