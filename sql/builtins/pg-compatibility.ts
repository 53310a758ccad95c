import { parseInet } from '../../catalog/types/inet';
import { BOOL, INET, INT8, STRING, TIMESTAMPTZ, VOID } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { bool, native, udf } from './rows';

/** PostgreSQL's functions that answer the same for everyone, as in CockroachDB. */

const fresh = { volatility: 'volatile' } as const;

/** Advisory locks do nothing and always succeed in CockroachDB: transactions are serializable without them. */
function advisoryLock(name: string, returns: typeof BOOL | typeof VOID): FunctionRow[] {
  const answer = (): bigint | string => (returns === VOID ? '' : bool(true));
  return [['int'] as const, ['int', 'int'] as const].map((args) =>
    udf(name, args, returns, answer, fresh),
  );
}

const startedAt = (): bigint =>
  BigInt(Math.round((Date.now() - process.uptime() * 1000) * 1000)) - 946_684_800_000_000n;

const BOTH = 0xffff;

/** What the information schema shows of a type modifier; -1 is none. Source: PostgreSQL, information_schema.sql. */
function charLength(oid: bigint, modifier: bigint): bigint | null {
  if (modifier < 0n) return null;
  if (oid === 1042n || oid === 1043n) return modifier - 4n;
  return oid === 1560n || oid === 1562n ? modifier : null;
}

function octetLength(oid: bigint, modifier: bigint): bigint | null {
  if (![25n, 1042n, 1043n].includes(oid)) return null;
  return modifier < 0n ? 1n << 30n : (modifier - 4n) * 4n;
}

const PRECISIONS = new Map([
  [21n, 16n],
  [23n, 32n],
  [20n, 64n],
  [700n, 24n],
  [701n, 53n],
]);

function numericPrecision(oid: bigint, modifier: bigint): bigint | null {
  if (oid === 1700n) return modifier < 0n ? null : ((modifier - 4n) >> 16n) & BigInt(BOTH);
  return PRECISIONS.get(oid) ?? null;
}

function numericRadix(oid: bigint): bigint | null {
  if (oid === 1700n) return 10n;
  return PRECISIONS.has(oid) ? 2n : null;
}

function numericScale(oid: bigint, modifier: bigint): bigint | null {
  if (oid === 1700n) return modifier < 0n ? null : (modifier - 4n) & BigInt(BOTH);
  return [20n, 21n, 23n].includes(oid) ? 0n : null;
}

function datetimePrecision(oid: bigint, modifier: bigint): bigint | null {
  if (oid === 1082n) return 0n;
  if ([1083n, 1114n, 1184n, 1266n].includes(oid)) return modifier < 0n ? 6n : modifier;
  if (oid !== 1186n) return null;
  const precision = modifier & BigInt(BOTH);
  return modifier < 0n || precision === BigInt(BOTH) ? 6n : precision;
}

const OI = ['oid', 'int'] as const;

export const pgCompatibilityBuiltins: readonly FunctionRow[] = [
  ...['pg_advisory_lock', 'pg_advisory_lock_shared'].flatMap((n) => advisoryLock(n, VOID)),
  ...['pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared'].flatMap((n) =>
    advisoryLock(n, VOID),
  ),
  ...['', '_shared'].flatMap((end) => [
    ...advisoryLock(`pg_try_advisory_lock${end}`, BOOL),
    ...advisoryLock(`pg_try_advisory_xact_lock${end}`, BOOL),
    ...advisoryLock(`pg_advisory_unlock${end}`, BOOL),
  ]),
  udf('pg_advisory_unlock_all', [], VOID, () => '', fresh),
  udf('inet_client_addr', [], INET, () => parseInet('::/0')),
  udf('inet_client_port', [], INT8, () => 0n),
  udf('inet_server_addr', [], INET, () => parseInet('::/0')),
  udf('inet_server_port', [], INT8, () => 0n),
  udf('pg_is_xlog_replay_paused', [], BOOL, () => bool(false)),
  udf('pg_postmaster_start_time', [], TIMESTAMPTZ, startedAt, { volatility: 'stable' }),
  udf('pg_get_function_arg_default', ['oid', 'int'], STRING, () => null),
  ...['dict', 'parser', 'template'].map((what) =>
    udf(`pg_ts_${what}_is_visible`, ['oid'], BOOL, () => bool(true)),
  ),
  native('num_nulls', [], INT8, counting('IS NULL'), { rest: 'any', strict: false }),
  native('num_nonnulls', [], INT8, counting('IS NOT NULL'), { rest: 'any', strict: false }),
  udf('information_schema._pg_char_max_length', OI, INT8, charLength),
  udf('information_schema._pg_char_octet_length', OI, INT8, octetLength),
  udf('information_schema._pg_numeric_precision', OI, INT8, numericPrecision),
  udf('information_schema._pg_numeric_precision_radix', OI, INT8, numericRadix),
  udf('information_schema._pg_numeric_scale', OI, INT8, numericScale),
  udf('information_schema._pg_datetime_precision', OI, INT8, datetimePrecision),
  udf('information_schema._pg_interval_type', OI, STRING, () => null),
];

function counting(test: string): (args: readonly string[]) => string {
  return (args) => (args.length === 0 ? '0' : `(${args.map((a) => `(${a} ${test})`).join(' + ')})`);
}
