import { compileKeyEncoder } from '../../backup/format/datum/key-encoder';
import { ByteWriter } from '../../base/byte-writer';
import { SQLSTATE, SqlError, type SqlStateName } from '../../base/errors';
import { arrayElements, arrayToRepr } from '../../catalog/types/array';
import { intervalFromRepr, intervalTotalMicros } from '../../catalog/types/interval';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BYTES, DECIMAL, INT8, STRING, TIMESTAMP } from '../../catalog/types/table';
import { decFromRepr, decToRepr, finite, quantize, toInteger } from './decimal-math';
import type { FunctionRow } from './function-row';
import { factory, native, sameAs, udf } from './rows';

/** crdb_internal's functions that tools and tests of applications call. */

const EPOCH_MICROS = 946_684_800_000_000n;

/** What makes an application's retry loop turn: an error until the transaction is old enough. */
function forceRetry(age: string, now: bigint, began: bigint): bigint {
  if (now - began >= intervalTotalMicros(intervalFromRepr(age))) return 0n;
  throw new SqlError(
    'serializationFailure',
    'restart transaction: crdb_internal.force_retry(): TransactionRetryWithProtoRefreshError: forced by crdb_internal.force_retry()',
  );
}

function forceError(code: string, message: string): never {
  const name = Object.entries(SQLSTATE).find(([, state]) => state === code)?.[0];
  if (name === undefined && code !== '')
    throw new SqlError('featureNotSupported', `the SQLSTATE ${code} is not supported`);
  throw new SqlError((name ?? 'internalError') as SqlStateName, message);
}

function forceAssertion(message: string): never {
  throw new SqlError('internalError', message);
}

/** Nanoseconds of the wall clock before the point, the logical part in the ten digits after it. */
const logicalTimestamp = (nanos: bigint, logical = 0n): string =>
  decToRepr(finite(nanos * 10n ** 10n + logical, -10));

/** @param written as rows carry it: `storage/ranges/physical-table.ts` */
function mvccTimestamp(written: bigint | string): string {
  if (typeof written === 'bigint') return logicalTimestamp(written);
  const [nanos = '0', logical = '0'] = written.split('.');
  return logicalTimestamp(BigInt(nanos), BigInt(logical));
}

/** `crdb_internal_mvcc_timestamp` of a row. */
export const MVCC_TIMESTAMP = udf('mvcc_timestamp', ['any'], DECIMAL, mvccTimestamp);

function approximate(timestamp: string): bigint | null {
  const nanos = toInteger(quantize(decFromRepr(timestamp), 0, 'down'));
  return nanos === undefined ? null : nanos / 1000n - EPOCH_MICROS;
}

/** Values as keys of an ascending index hold them, one behind the other. */
function keyBytes(types: readonly SqlType[]): (...values: Repr[]) => Repr {
  const encoders = types.map((type) =>
    compileKeyEncoder(type.family === 'unknown' ? STRING : type, false),
  );
  return (...values) => {
    const writer = new ByteWriter(64);
    for (const [i, value] of values.entries()) encoders[i]?.(writer, value);
    return Uint8Array.from(writer.toBytes());
  };
}

const volatile = { volatility: 'volatile' } as const;

export const crdbInternalBuiltins: readonly FunctionRow[] = [
  udf('crdb_internal.force_error', ['string', 'string'], INT8, forceError, volatile),
  udf('crdb_internal.force_assertion_error', ['string'], INT8, forceAssertion, volatile),
  udf('crdb_internal.force_retry', ['interval'], INT8, forceRetry, {
    volatility: 'volatile',
    context: ['statementTimestamp', 'transactionTimestamp'],
  }),
  native('crdb_internal.no_constant_folding', ['any'], sameAs(0), ([value]) => `${value}`),
  udf('crdb_internal.cluster_name', [], STRING, () => ''),
  udf('crdb_internal.node_executable_version', [], STRING, () => '21.2'),
  factory('crdb_internal.datums_to_bytes', [], BYTES, keyBytes, { rest: 'any', strict: false }),
  udf('crdb_internal.round_decimal_values', ['decimal', 'int'], DECIMAL, (v: string, n: bigint) =>
    decToRepr(quantize(decFromRepr(v), Number(n))),
  ),
  udf(
    'crdb_internal.round_decimal_values',
    ['array', 'int'],
    arrayOf(DECIMAL),
    (values: Uint8Array, n: bigint) =>
      arrayToRepr(
        arrayOf(DECIMAL),
        arrayElements(arrayOf(DECIMAL), values).map((item) =>
          item === null ? null : decToRepr(quantize(decFromRepr(String(item)), Number(n))),
        ),
      ),
  ),
  udf('crdb_internal.approximate_timestamp', ['decimal'], TIMESTAMP, approximate),
  udf('cluster_logical_timestamp', [], DECIMAL, logicalTimestamp, {
    volatility: 'stable',
    context: ['logicalTimestamp'],
  }),
];
