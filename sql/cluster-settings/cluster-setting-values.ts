import { SqlError } from '../../base/errors';
import type { ClusterSetting } from './cluster-setting-table';

/** Values of cluster settings: from what the user wrote to what system.settings stores, and from there to what is shown. */

const TRUE = new Set(['true', 'on', 'yes', '1', 't', 'y']);
const FALSE = new Set(['false', 'off', 'no', '0', 'f', 'n']);

const KINDS = { b: 'bool', i: 'int', f: 'float' } as const;

function wrongType(setting: ClusterSetting, value: string): SqlError {
  const kind = setting.type === 'b' || setting.type === 'i' || setting.type === 'f';
  const wanted = kind ? KINDS[setting.type as keyof typeof KINDS] : 'string';
  return new SqlError(
    'invalidParameterValue',
    `could not parse "${value}" as type ${wanted} for cluster setting "${setting.name}"`,
  );
}

/** @returns the value as system.settings stores it. @throws SqlError invalidParameterValue (22023) */
export function encodeClusterSetting(setting: ClusterSetting, value: string): string {
  switch (setting.type) {
    case 'b': {
      const lower = value.toLowerCase();
      if (TRUE.has(lower)) return 'true';
      if (FALSE.has(lower)) return 'false';
      throw wrongType(setting, value);
    }
    case 'i':
      if (!/^[-+]?\d{1,18}$/.test(value.trim())) throw wrongType(setting, value);
      return String(BigInt(value.trim()));
    case 'f': {
      const number = Number(value);
      if (value.trim() === '' || !Number.isFinite(number)) throw wrongType(setting, value);
      return String(number);
    }
    case 'z':
      return String(parseByteSize(value));
    case 'd':
      return formatDuration(parseDuration(value));
    case 'e':
      return encodeChoice(setting, value);
    case 's':
    case 'm':
      return value;
  }
}

function encodeChoice(setting: ClusterSetting, value: string): string {
  const { choices } = setting;
  if (choices === undefined) return value.toLowerCase();
  const found = choices.indexOf(value.toLowerCase());
  if (found >= 0) return String(found);
  if (/^\d+$/.test(value) && Number(value) < choices.length) return value;
  throw new SqlError('invalidParameterValue', `invalid string value '${value}' for enum setting`, {
    hint: `Available values: ${choices.join(', ')}`,
  });
}

/** What SHOW prints of a stored value: byte sizes with a unit, enums by name. */
export function displayClusterSetting(setting: ClusterSetting, stored: string): string {
  if (setting.type === 'z') return formatByteSize(BigInt(stored));
  if (setting.type === 'e') return setting.choices?.[Number(stored)] ?? stored;
  return stored;
}

const UNITS: ReadonlyMap<string, bigint> = new Map(
  ['', 'k', 'm', 'g', 't', 'p', 'e'].flatMap((letter, i) => [
    [`${letter}b`, 1000n ** BigInt(i)],
    [letter, 1000n ** BigInt(i)],
    [`${letter}ib`, 1024n ** BigInt(i)],
    [`${letter}i`, 1024n ** BigInt(i)],
  ]),
);

const BYTE_SIZE = /^\s*(\d{1,18})(?:\.(\d{1,9}))?\s*([a-z]*)\s*$/i;

/** Bytes of `64MiB`, `1.5 GB`, `1024`. @throws SqlError invalidParameterValue (22023) */
export function parseByteSize(text: string): bigint {
  const match = BYTE_SIZE.exec(text);
  const unit = UNITS.get((match?.[3] ?? '?').toLowerCase());
  if (match === null || unit === undefined) {
    throw new SqlError('invalidParameterValue', `could not parse "${text}" as a byte size`, {
      hint: 'Write a number with a unit, such as 64 MiB.',
    });
  }
  const fraction = match[2] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(`${match[1] ?? '0'}${fraction}`) * unit) / scale;
}

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** `64 MiB`, `1.0 TiB`: one decimal below ten. */
export function formatByteSize(bytes: bigint): string {
  if (bytes < 10n) return `${bytes} B`;
  let exponent = 0;
  while (exponent < IEC.length - 1 && bytes >= 1024n ** BigInt(exponent + 1)) exponent++;
  const tenths = (bytes * 20n + 1024n ** BigInt(exponent)) / (2n * 1024n ** BigInt(exponent));
  const unit = IEC[exponent] ?? 'B';
  if (exponent === 0 || tenths >= 100n) return `${(tenths + 5n) / 10n} ${unit}`;
  return `${tenths / 10n}.${tenths % 10n} ${unit}`;
}

const NANOS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['d', 86_400_000_000_000n],
]);

const LONG_UNITS: ReadonlyMap<string, string> = new Map(
  [
    ['ms', 'msec msecs millisecond milliseconds'],
    ['us', 'usec usecs microsecond microseconds'],
    ['s', 'sec secs second seconds'],
    ['m', 'min mins minute minutes'],
    ['h', 'hr hrs hour hours'],
    ['d', 'day days'],
  ].flatMap(([unit = '', words = '']) => words.split(' ').map((word) => [word, unit] as const)),
);

const CLOCK = /^(-?)(\d{1,6}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/;
const PART = /\s*([-+]?)(\d{1,9})(?:\.(\d{1,9}))?\s*([a-zµ]*)/iy;

/** Nanoseconds of `1h30m`, `10 minutes`, `00:05:00`, `250ms`; a number alone is seconds. @throws SqlError (22023) */
export function parseDuration(text: string): bigint {
  const trimmed = text.trim();
  const clock = CLOCK.exec(trimmed);
  if (clock !== null) {
    const [, sign, hours = '0', minutes = '0', seconds = '0', fraction = ''] = clock;
    const whole = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
    const nanos = whole * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
    return sign === '-' ? -nanos : nanos;
  }
  let total = 0n;
  PART.lastIndex = 0;
  do {
    const match = PART.exec(trimmed);
    const [, sign, whole = '0', fraction = '', written = ''] = match ?? [];
    const lower = written.toLowerCase();
    const unit = NANOS.get(LONG_UNITS.get(lower) ?? (lower === '' ? 's' : lower));
    if (match === null || unit === undefined) {
      throw new SqlError('invalidParameterValue', `could not parse "${text}" as type interval`);
    }
    const nanos = (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length);
    total += sign === '-' ? -nanos : nanos;
  } while (PART.lastIndex < trimmed.length);
  return total;
}

/** `1h30m0s`, `250ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) return `-${formatDuration(-nanos)}`;
  if (nanos === 0n) return '0s';
  if (nanos < 1_000n) return `${nanos}ns`;
  if (nanos < 1_000_000n) return `${withFraction(nanos, 1_000n)}µs`;
  if (nanos < 1_000_000_000n) return `${withFraction(nanos, 1_000_000n)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = `${withFraction(nanos % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  if (minutes < 60n) return `${minutes}m${seconds}`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function withFraction(nanos: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(nanos % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return `${nanos / unit}${fraction === '' ? '' : `.${fraction}`}`;
}
