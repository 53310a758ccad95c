import { SqlError } from '../../base/errors';
import { floatToRepr } from '../../catalog/types/float';
import { JsonNumber, type JsonValue } from '../../catalog/types/json';
import type { CastEntry } from './cast-entry';
import { type Dec, decFromRepr, decToRepr, toInteger, toNumber } from './decimal-math';
import { checkInt8, integerOutOfRange } from './integer';
import { read, typeOf } from './json-paths';
import { decimalFromText } from './repr';

/** Casts of JSONB to numbers and truth values: only of a value that is one. */

function failed(value: JsonValue, type: string): SqlError {
  const kind = typeOf(value);
  const name = kind === 'number' ? 'numeric' : kind;
  return new SqlError('invalidParameterValue', `cannot cast jsonb ${name} to type ${type}`);
}

function numberOf(json: string, type: string): Dec {
  const value = read(json);
  if (value instanceof JsonNumber) return decFromRepr(decimalFromText(value.toString()));
  throw failed(value, type);
}

function integer(value: Dec): bigint {
  const whole = toInteger(value);
  if (whole === undefined) throw integerOutOfRange();
  return checkInt8(whole);
}

function truth(json: string): bigint {
  const value = read(json);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  throw failed(value, 'bool');
}

export const jsonCasts: readonly CastEntry[] = [
  { from: 'json', to: 'int', make: () => (v: string) => integer(numberOf(v, 'int')) },
  { from: 'json', to: 'decimal', make: () => (v: string) => decToRepr(numberOf(v, 'decimal')) },
  {
    from: 'json',
    to: 'float',
    make: () => (v: string) => floatToRepr(toNumber(numberOf(v, 'float'))),
  },
  { from: 'json', to: 'bool', make: () => truth },
];
