import type { HlcTime } from '../../backup/format/mvcc/version-iterator';
import { SqlError } from '../../base/errors';
import { timestampOfMicros } from '../../catalog/types/datetime';
import { intervalFromRepr, intervalTotalMicros } from '../../catalog/types/interval';
import { INTERVAL, TIMESTAMPTZ } from '../../catalog/types/table';
import { clockText } from '../../storage/ranges/history-reads';
import { decodeText } from '../builtins/repr';
import type { AsOfClause } from '../parse/ast';
import type { PgNode } from '../parse/pg-tree';

/** AS OF SYSTEM TIME: which time a clause means. */

/** Their time is `FOLLOWER_READ_NANOS` ago. */
const FOLLOWER_READS = new Set(['follower_read_timestamp', 'experimental_follower_read_timestamp']);

/** They ask for the newest rows that can be had at once: on one node those of now. */
const NEWEST_READS = new Set(['with_max_staleness', 'with_min_timestamp']);

/** The clause sets a bound to how old rows may be: those of now are as good. */
export const readsNewest = ({ expression }: AsOfClause): boolean => calls(expression, NEWEST_READS);

/** How long ago a follower read is made. Source: CockroachDB v21.2, defaults of closed timestamps. */
const FOLLOWER_READ_NANOS = 4_800_000_000n;

/** The one time of a BACKUP or RESTORE, which is no bound. @throws SqlError as `hlcAsOf` */
export const exactAsOf = (asOf: AsOfClause): HlcTime => hlcAsOf(asOf, undefined, '');

/** `nanoseconds[.logical]`, the latter in ten digits. */
const HLC = /^(\d{1,19})(?:\.(\d{1,10}))?$/;
const LOGICAL_DIGITS = 10;

/**
 * The time that AS OF SYSTEM TIME asks for.
 * @param now in nanoseconds since 1970
 * @param bounds how errors name the functions that only bound it, where they are allowed
 * @throws SqlError invalidParameterValue (22023) for what is no time or lies in the future
 */
export function hlcAsOf(
  asOf: AsOfClause,
  now = BigInt(Date.now()) * 1_000_000n,
  bounds = ', with_min_timestamp, with_max_staleness,',
): HlcTime {
  if (calls(asOf.expression, FOLLOWER_READS))
    return { wallTime: now - FOLLOWER_READ_NANOS, logical: 0 };
  const text = constantText(asOf.expression)?.trim();
  if (text === undefined)
    throw new SqlError(
      'invalidParameterValue',
      `AS OF SYSTEM TIME: only constant expressions${bounds} or follower_read_timestamp are allowed`,
    );
  const exact = HLC.exec(text);
  const { micros, nanos } = splitFraction(text);
  const time =
    exact === null
      ? { wallTime: (now / 1000n - ageMicros(micros, now / 1000n)) * 1000n + nanos, logical: 0 }
      : {
          wallTime: BigInt(exact[1] ?? ''),
          logical: Number((exact[2] ?? '').padEnd(LOGICAL_DIGITS, '0')),
        };
  if (time.wallTime === 0n)
    throw new SqlError('invalidParameterValue', 'AS OF SYSTEM TIME: zero timestamp is invalid');
  if (time.wallTime > now)
    throw new SqlError(
      'invalidParameterValue',
      `AS OF SYSTEM TIME: cannot specify timestamp in the future (${clockText(time.wallTime, time.logical)} > ${clockText(now)})`,
    );
  return time;
}

/** What is finer than a TIMESTAMP; also as errors print times, which end in ` +0000 UTC`. */
function splitFraction(text: string): { micros: string; nanos: bigint } {
  const plain = text.replace(/ \+0000 UTC$/, '+00:00');
  const match = /\.\d{6}(\d{1,3})/.exec(plain);
  if (match?.[1] === undefined) return { micros: plain, nanos: 0n };
  const at = match.index + '.123456'.length;
  return {
    micros: plain.slice(0, at) + plain.slice(at + match[1].length),
    nanos: BigInt(match[1].padEnd(3, '0')),
  };
}

function calls(node: PgNode, names: ReadonlySet<string>): boolean {
  if (!('FuncCall' in node)) return false;
  const name = node.FuncCall.funcname.at(-1);
  return name !== undefined && 'String' in name && names.has(name.String.sval ?? '');
}

/** The text of a constant, also under a cast or a sign. */
function constantText(node: PgNode): string | undefined {
  if ('TypeCast' in node) return constantText(node.TypeCast.arg);
  if ('A_Expr' in node && node.A_Expr.lexpr === undefined && node.A_Expr.rexpr !== undefined) {
    const inner = constantText(node.A_Expr.rexpr);
    return inner === undefined ? undefined : `-${inner}`;
  }
  if (!('A_Const' in node)) return undefined;
  const { sval, ival, fval } = node.A_Const;
  if (sval !== undefined) return sval.sval ?? '';
  if (fval !== undefined) return fval.fval ?? '';
  return ival === undefined ? undefined : String(ival.ival ?? 0);
}

function ageMicros(text: string, nowMicros: bigint): bigint {
  const trimmed = text.trim();
  // Nanoseconds since 1970 with a logical part: a timestamp of the cluster's clock.
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) {
    const whole = BigInt(trimmed.split('.')[0] ?? '0');
    if (whole === 0n)
      throw new SqlError('invalidParameterValue', 'AS OF SYSTEM TIME: zero timestamp is invalid');
    return nowMicros - whole / 1000n;
  }
  const instant = attempt(() => decodeText(trimmed, TIMESTAMPTZ, { timeZone: 'UTC' }));
  if (typeof instant === 'bigint') return timestampOfMicros(Number(nowMicros)) - instant;
  const interval = attempt(() => decodeText(trimmed, INTERVAL, {}));
  if (typeof interval !== 'string')
    throw new SqlError(
      'invalidParameterValue',
      'AS OF SYSTEM TIME: value is neither timestamp, decimal, nor interval',
    );
  const micros = intervalTotalMicros(intervalFromRepr(interval));
  if (micros === 0n)
    throw new SqlError(
      'invalidParameterValue',
      `AS OF SYSTEM TIME: interval value '${trimmed}' too small, absolute value must be >= 1µs`,
    );
  return -micros;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}
