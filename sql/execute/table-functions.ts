import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { arrayElements } from '../../catalog/types/array';
import {
  type IntervalValue,
  intervalFromRepr,
  intervalTotalMicros,
} from '../../catalog/types/interval';
import { type JsonValue, jsonText } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { addInterval, addIntervalInZone, zoneNamed } from '../builtins/datetime-math';
import { asText, isArray, isObject, read } from '../builtins/json-paths';
import { ROWS_ARGUMENTS_MAX, ROWS_COLUMNS_MAX, UNNEST_ARRAYS_MAX } from '../builtins/set-returning';
import { splitByPattern } from '../builtins/text-patterns';

/** Set-returning functions as SQLite's table-valued functions. Columns: o1 … and the row's number. */

type Rows = Iterable<readonly Repr[]>;

/** By their names, for those that run several side by side. */
const generators = new WeakMap<Connection, Map<string, (...args: Repr[]) => Rows>>();

function define(
  db: Connection,
  name: string,
  columns: number,
  parameters: readonly string[],
  rows: (...args: Repr[]) => Rows,
): void {
  const known = generators.get(db) ?? new Map<string, (...args: Repr[]) => Rows>();
  generators.set(db, known.set(name, rows));
  const names = Array.from({ length: columns + 1 }, (_, i) => `o${i + 1}`);
  db.table(name, {
    columns: names,
    parameters: [...parameters],
    safeIntegers: true,
    *rows(...args: unknown[]) {
      let number = 0n;
      for (const values of rows(...(args as Repr[]))) {
        number++;
        const out: Repr[] = [...values];
        while (out.length < columns) out.push(null);
        out.push(number);
        yield out as unknown[];
      }
    },
  });
}

function* series(from: Repr, to: Repr, by: Repr = 1n): Rows {
  if (from === null || to === null || by === null) return;
  const step = by as bigint;
  if (step === 0n) throw new SqlError('invalidParameterValue', 'step cannot be 0');
  const end = to as bigint;
  for (let at = from as bigint; step > 0n ? at <= end : at >= end; at += step) yield [at];
}

type Add = (from: bigint, by: IntervalValue) => bigint;

function* timeSeries(from: Repr, to: Repr, by: Repr, add: Add = addInterval): Rows {
  if (from === null || to === null || by === null) return;
  const step = intervalFromRepr(by as string);
  const direction = intervalTotalMicros(step);
  if (direction === 0n) throw new SqlError('invalidParameterValue', 'step cannot be 0');
  const end = to as bigint;
  // Counted from the start: a month that was cut short does not shorten those after it.
  for (let n = 0; ; n++) {
    const { months, days, micros } = step;
    const at = add(from as bigint, {
      months: months * n,
      days: days * n,
      micros: micros * BigInt(n),
    });
    if (direction > 0n ? at > end : at < end) return;
    yield [at];
  }
}

function zonedSeries(from: Repr, to: Repr, by: Repr, zone: Repr): Rows {
  const clock = zoneNamed(String(zone));
  return timeSeries(from, to, by, (start, step) => addIntervalInZone(start, step, clock));
}

const decoded = (type: Repr, value: Repr): Repr[] =>
  typeof type === 'string' && value instanceof Uint8Array
    ? arrayElements(JSON.parse(type) as SqlType, value)
    : [];

/** Each argument is preceded by its type; arrays have one dimension. */
function* subscripts(type: Repr, value: Repr, ...more: Repr[]): Rows {
  const [, dimension = 1n, , reverse = 0n] = more;
  if (dimension !== 1n || reverse === null) return;
  const count = decoded(type, value).length;
  for (let i = 1; i <= count; i++) yield [BigInt(reverse === 0n ? i : count + 1 - i)];
}

function* expandArray(type: Repr, value: Repr): Rows {
  for (const [i, item] of decoded(type, value).entries()) yield [item, BigInt(i + 1)];
}

function* split(text: Repr, source: Repr, flags: Repr = ''): Rows {
  if (text === null || source === null || flags === null) return;
  for (const part of splitByPattern(String(text), String(source), String(flags))) yield [part];
}

/** Arguments come in pairs: a type as JSON, an array. The shorter arrays are filled up with NULL. */
function* unnest(...args: Repr[]): Rows {
  const lists: Repr[][] = [];
  for (let i = 0; i + 1 < args.length; i += 2) {
    const [type, value] = [args[i], args[i + 1]];
    if (typeof type !== 'string') break;
    const known = JSON.parse(type) as SqlType;
    lists.push(value instanceof Uint8Array ? arrayElements(known, value) : []);
  }
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let i = 0; i < longest; i++) yield lists.map((list) => list[i] ?? null);
}

function elementsOf(value: Repr): readonly JsonValue[] {
  if (typeof value !== 'string') return [];
  const json = read(value);
  if (isArray(json)) return json;
  const what = isObject(json) ? 'an object' : 'a scalar';
  throw new SqlError('invalidParameterValue', `cannot be called on ${what}`);
}

function entriesOf(value: Repr, name: string): Iterable<readonly [string, JsonValue]> {
  if (typeof value !== 'string') return [];
  const json = read(value);
  if (isObject(json)) return json;
  const what = isArray(json) ? 'an array' : 'a scalar';
  throw new SqlError('invalidParameterValue', `cannot call ${name} on ${what}`);
}

/** Rows of several functions side by side, as many as the longest has. @param spec name, arguments and columns of each */
function* sideBySide(
  known: ReadonlyMap<string, (...args: Repr[]) => Rows>,
  spec: string,
  args: readonly Repr[],
): Rows {
  const calls = JSON.parse(spec) as [name: string, argCount: number, width: number][];
  let at = 0;
  const running = calls.map(([name, argCount, width]) => {
    const rows = defined(known.get(name), name)(...args.slice(at, at + argCount));
    at += argCount;
    return { rows: rows[Symbol.iterator](), width, done: false };
  });
  for (;;) {
    const out: Repr[] = [];
    for (const one of running) {
      const step = one.done ? undefined : one.rows.next();
      if (step?.done === true) one.done = true;
      const values = step === undefined || step.done === true ? [] : step.value;
      for (let i = 0; i < one.width; i++) out.push(values[i] ?? null);
    }
    if (running.every(({ done }) => done)) return;
    yield out;
  }
}

export function registerTableFunctions(db: Connection): void {
  define(db, 's_series', 1, ['a', 'b', 'c'], series);
  define(db, 's_time_series', 1, ['a', 'b', 'c'], (a, b, c) => timeSeries(a, b, c));
  const pairs = Array.from({ length: UNNEST_ARRAYS_MAX }, (_, i) => [`t${i}`, `a${i}`]).flat();
  define(db, 's_unnest', UNNEST_ARRAYS_MAX, pairs, unnest);
  define(db, 's_value', 1, ['a'], (value) => [[value]]);
  define(db, 's_none', 1, ['a'], () => []);
  define(db, 's_none_4', 4, ['a'], () => []);
  define(db, 's_zoned_series', 1, ['a', 'b', 'c', 'z'], zonedSeries);
  define(db, 's_subscripts', 1, ['t0', 'a0', 't1', 'a1', 't2', 'a2'], subscripts);
  define(db, 's_expand_array', 2, ['t0', 'a0'], expandArray);
  define(db, 's_split', 1, ['a', 'b', 'c'], split);
  define(db, 's_json_elements', 1, ['j'], function* (j) {
    for (const item of elementsOf(j)) yield [jsonText(item)];
  });
  define(db, 's_json_elements_text', 1, ['j'], function* (j) {
    for (const item of elementsOf(j)) yield [asText(item)];
  });
  define(db, 's_json_keys', 1, ['j'], function* (j) {
    for (const [key] of entriesOf(j, 'json_object_keys')) yield [key];
  });
  define(db, 's_json_each', 2, ['j'], function* (j) {
    for (const [key, item] of entriesOf(j, 'json_each')) yield [key, jsonText(item)];
  });
  define(db, 's_json_each_text', 2, ['j'], function* (j) {
    for (const [key, item] of entriesOf(j, 'json_each_text')) yield [key, asText(item)];
  });
  const known = defined(generators.get(db), 'functions of this connection');
  const passed = Array.from({ length: ROWS_ARGUMENTS_MAX }, (_, i) => `a${i}`);
  define(db, 's_rows', ROWS_COLUMNS_MAX, ['spec', ...passed], (spec, ...args) =>
    sideBySide(known, String(spec), args),
  );
}

/** See shareFunctions. */
export function shareTableFunctions(db: Connection, view: Connection): void {
  const known = generators.get(db);
  if (known !== undefined) generators.set(view, known);
}
