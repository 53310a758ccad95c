import { SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { arrayToRepr } from '../../catalog/types/array';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, UNKNOWN } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { factory, sameAs } from './rows';

/** Enums: the first, the last and a range of their values. */

const loose = { strict: false } as const;

function valuesOf(type: SqlType | undefined): readonly Uint8Array[] {
  invariant(type?.enum !== undefined, 'an enum type comes hydrated');
  return type.enum.members.filter((member) => !member.readOnly).map((member) => member.physical);
}

function nullArgument(name: string): SqlError {
  return new SqlError('nullValueNotAllowed', `${name}(): argument cannot be NULL`);
}

const enumArray = (args: readonly SqlType[]): SqlType =>
  arrayOf(args.find((type) => type.family === 'enum') ?? UNKNOWN);

function end(name: string, at: 0 | -1): FunctionRow {
  return factory(
    name,
    ['enum'],
    sameAs(0),
    ([type]) => {
      const value = valuesOf(type).at(at) ?? null;
      return (given: Repr) => {
        if (given === null) throw nullArgument(name);
        return value;
      };
    },
    loose,
  );
}

const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

export const enumBuiltins: readonly FunctionRow[] = [
  end('enum_first', 0),
  end('enum_last', -1),
  factory(
    'enum_range',
    ['enum'],
    enumArray,
    ([type], returns) => {
      const all = arrayToRepr(returns, valuesOf(type));
      return (given: Repr) => {
        if (given === null) throw nullArgument('enum_range');
        return all;
      };
    },
    loose,
  ),
  factory(
    'enum_range',
    ['enum', 'enum'],
    enumArray,
    (types, returns) => {
      const values = valuesOf(types.find((type) => type.family === 'enum'));
      return (low: Repr, high: Repr) => {
        if (low === null && high === null)
          throw new SqlError('nullValueNotAllowed', 'enum_range(): both arguments cannot be NULL');
        const inside = values.filter(
          (value) =>
            (low === null || compareBytes(value, low as Uint8Array) >= 0) &&
            (high === null || compareBytes(value, high as Uint8Array) <= 0),
        );
        return arrayToRepr(returns, inside);
      };
    },
    loose,
  ),
];
