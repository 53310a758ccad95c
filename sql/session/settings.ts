import { SqlError } from '../../base/errors';

/**
 * Session variables as data: one row each, with CockroachDB v21.2's names, defaults and checks.
 * `SHOW`, `SET`, `RESET`, the startup packet and ParameterStatus all read these rows.
 */

export const SERVER_VERSION = '13.0.0';
/** What the server calls itself: clients look for the first word and the version number. */
export const CRDB_VERSION = 'CockroachDB CCL v21.2.0 (Ootheca 0.1.0)';

interface SettingRow {
  readonly name: string;
  readonly default: string;
  /** SET is refused: `parameter "x" cannot be changed` (55P02). */
  readonly readOnly?: true;
  /** Sent to the client as ParameterStatus under this name, at startup and when it changes. */
  readonly reportedAs?: string;
  /** Turns what the user wrote into the stored value; throws 22023. */
  readonly check?: (value: string, name: string) => string;
}

const TRUE = new Set(['on', 'true', 'yes', '1', 't', 'y']);
const FALSE = new Set(['off', 'false', 'no', '0', 'f', 'n']);

function invalid(name: string, value: string, allowed: string): SqlError {
  return new SqlError(
    'invalidParameterValue',
    `invalid value for parameter "${name}": "${value}"`,
    {
      hint: `Available values: ${allowed}`,
    },
  );
}

function bool(value: string, name: string): string {
  const lower = value.toLowerCase();
  if (TRUE.has(lower)) return 'on';
  if (FALSE.has(lower)) return 'off';
  throw new SqlError('invalidParameterValue', `parameter "${name}" requires a Boolean value`);
}

const oneOf =
  (...allowed: string[]) =>
  (value: string, name: string): string => {
    const found = allowed.find((word) => word.toLowerCase() === value.toLowerCase());
    if (found === undefined) throw invalid(name, value, allowed.join(','));
    return found;
  };

/** Refuses everything but the value we honour: a setting must not be accepted and then ignored. */
const only =
  (allowed: string, ...alsoWritten: string[]) =>
  (value: string, name: string): string => {
    if ([allowed, ...alsoWritten].some((word) => word.toLowerCase() === value.toLowerCase())) {
      return allowed;
    }
    throw new SqlError(
      'featureNotSupported',
      `parameter "${name}" can only be ${allowed === '' ? 'empty' : `"${allowed}"`} here, not "${value}"`,
    );
  };

const UNITS_MS = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

function duration(value: string, name: string): string {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|)\s*$/.exec(value);
  const unit = UNITS_MS.get(match?.[2] ?? '?');
  if (match === null || unit === undefined) {
    throw new SqlError('invalidParameterValue', `could not parse "${value}" as type interval`, {
      hint: `${name} takes milliseconds or a number with a unit, such as 10s`,
    });
  }
  return String(Math.round(Number(match[1]) * unit));
}

const integerBetween =
  (min: number, max: number) =>
  (value: string, name: string): string => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new SqlError(
        'invalidParameterValue',
        `${value} is outside the valid range for parameter "${name}" (${min} .. ${max})`,
      );
    }
    return String(number);
  };

const FIXED_OFFSET = /^([+-]?)(\d{1,2})(?::?(\d{2}))?$/;

/** A time zone as SHOW prints it. Offsets without a name are hours east of UTC. */
function timeZone(value: string): string {
  const text = value.trim();
  const lower = text.toLowerCase();
  if (['utc', 'gmt', 'default', 'local', 'z', 'zulu'].includes(lower)) return 'UTC';
  const offset = FIXED_OFFSET.exec(text);
  if (offset !== null) {
    const sign = offset[1] === '-' ? '-' : '+';
    const hours = (offset[2] ?? '').padStart(2, '0');
    if (Number(hours) <= 15) return `${sign}${hours}:${offset[3] ?? '00'}`;
  }
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new SqlError(
      'invalidParameterValue',
      `invalid value for parameter "timezone": "${value}"`,
      {
        detail: `unknown time zone ${value}`,
      },
    );
  }
}

function dateStyle(value: string, name: string): string {
  const words = value.toLowerCase().split(/[\s,]+/);
  if (words.every((word) => ['iso', 'mdy', 'us', 'noneuro', 'default'].includes(word))) {
    return 'ISO, MDY';
  }
  throw new SqlError(
    'invalidParameterValue',
    `unimplemented: only ISO, MDY is accepted for "${name}"`,
  );
}

const READ_ONLY = { readOnly: true } as const;

const ROWS: readonly SettingRow[] = [
  { name: 'application_name', default: '', reportedAs: 'application_name' },
  { name: 'bytea_output', default: 'hex', check: oneOf('hex', 'escape', 'base64') },
  {
    name: 'client_encoding',
    default: 'UTF8',
    reportedAs: 'client_encoding',
    check: only('UTF8', 'utf-8', 'unicode'),
  },
  {
    name: 'client_min_messages',
    default: 'notice',
    check: oneOf(
      'debug5',
      'debug4',
      'debug3',
      'debug2',
      'debug1',
      'debug',
      'log',
      'notice',
      'warning',
      'error',
    ),
  },
  { name: 'crdb_version', default: CRDB_VERSION, reportedAs: 'crdb_version', ...READ_ONLY },
  { name: 'database', default: 'defaultdb' },
  { name: 'datestyle', default: 'ISO, MDY', reportedAs: 'DateStyle', check: dateStyle },
  { name: 'default_int_size', default: '8', check: only('8') },
  {
    name: 'default_transaction_isolation',
    default: 'serializable',
    check: only(
      'serializable',
      'read committed',
      'repeatable read',
      'read uncommitted',
      'snapshot',
    ),
  },
  { name: 'default_transaction_read_only', default: 'off', check: bool },
  { name: 'default_transaction_use_follower_reads', default: 'off', check: only('off', 'false') },
  { name: 'extra_float_digits', default: '0', check: integerBetween(-15, 3) },
  { name: 'idle_in_session_timeout', default: '0', check: only('0', '0s') },
  { name: 'idle_in_transaction_session_timeout', default: '0', check: only('0', '0s') },
  { name: 'integer_datetimes', default: 'on', reportedAs: 'integer_datetimes', ...READ_ONLY },
  {
    name: 'intervalstyle',
    default: 'postgres',
    reportedAs: 'IntervalStyle',
    check: only('postgres'),
  },
  { name: 'is_superuser', default: 'on', reportedAs: 'is_superuser', ...READ_ONLY },
  { name: 'lc_collate', default: 'C.UTF-8', ...READ_ONLY },
  { name: 'lc_ctype', default: 'C.UTF-8', ...READ_ONLY },
  { name: 'lc_messages', default: 'C.UTF-8', check: only('C.UTF-8', 'C') },
  { name: 'lc_monetary', default: 'C.UTF-8', check: only('C.UTF-8', 'C') },
  { name: 'lc_numeric', default: 'C.UTF-8', check: only('C.UTF-8', 'C') },
  { name: 'lc_time', default: 'C.UTF-8', check: only('C.UTF-8', 'C') },
  { name: 'locality', default: '', ...READ_ONLY },
  { name: 'lock_timeout', default: '0', check: only('0', '0s') },
  { name: 'max_identifier_length', default: '128', ...READ_ONLY },
  { name: 'max_index_keys', default: '32', ...READ_ONLY },
  { name: 'node_id', default: '1', ...READ_ONLY },
  { name: 'results_buffer_size', default: '16384', ...READ_ONLY },
  { name: 'row_security', default: 'off', check: only('off', 'false') },
  { name: 'search_path', default: '"$user", public' },
  { name: 'server_encoding', default: 'UTF8', reportedAs: 'server_encoding', ...READ_ONLY },
  { name: 'server_version', default: SERVER_VERSION, reportedAs: 'server_version', ...READ_ONLY },
  { name: 'server_version_num', default: '130000', ...READ_ONLY },
  {
    name: 'session_authorization',
    default: 'root',
    reportedAs: 'session_authorization',
    ...READ_ONLY,
  },
  { name: 'session_user', default: 'root', ...READ_ONLY },
  {
    name: 'standard_conforming_strings',
    default: 'on',
    reportedAs: 'standard_conforming_strings',
    check: only('on', 'true', '1'),
  },
  { name: 'statement_timeout', default: '0', check: duration },
  { name: 'synchronize_seqscans', default: 'off', check: bool },
  { name: 'synchronous_commit', default: 'on', check: only('on', 'true', 'local') },
  { name: 'timezone', default: 'UTC', reportedAs: 'TimeZone', check: timeZone },
  {
    name: 'transaction_isolation',
    default: 'serializable',
    check: only(
      'serializable',
      'read committed',
      'repeatable read',
      'read uncommitted',
      'snapshot',
    ),
  },
  { name: 'transaction_priority', default: 'normal', ...READ_ONLY },
  { name: 'transaction_read_only', default: 'off', check: bool },
  { name: 'transaction_status', default: 'NoTxn', ...READ_ONLY },
];

const BY_NAME: ReadonlyMap<string, SettingRow> = new Map(ROWS.map((row) => [row.name, row]));

/** Other spellings. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['time zone', 'timezone'],
  ['default_transaction_isolation_level', 'default_transaction_isolation'],
]);

function unknownParameter(name: string): SqlError {
  return new SqlError('undefinedObject', `unrecognized configuration parameter "${name}"`);
}

function rowOf(written: string): SettingRow {
  const name = written.toLowerCase();
  const row = BY_NAME.get(ALIASES.get(name) ?? name);
  if (row === undefined) throw unknownParameter(written);
  return row;
}

/** A row that SET may change. @throws SqlError */
function writableRowOf(name: string): SettingRow {
  const row = rowOf(name);
  if (row.readOnly === undefined) return row;
  throw new SqlError('cantChangeRuntimeParam', `parameter "${row.name}" cannot be changed`);
}

const checked = (row: SettingRow, value: string): string =>
  row.check === undefined ? value : row.check(value, row.name);

/** Values of SET LOCAL, which cover the session's until the block or savepoint ends. Never changed, only replaced. */
export type LocalSettings = ReadonlyMap<string, string>;

const NO_LOCALS: LocalSettings = new Map();

export class SessionSettings {
  private readonly values = new Map<string, string>();
  private locals: LocalSettings = NO_LOCALS;
  private readonly defaults = new Map<string, string>();
  private readonly onReported: (name: string, value: string) => void;

  constructor(onReported: (name: string, value: string) => void) {
    this.onReported = onReported;
  }

  get(name: string): string {
    const row = rowOf(name);
    return this.locals.get(row.name) ?? this.values.get(row.name) ?? this.defaultOf(row);
  }

  private defaultOf(row: SettingRow): string {
    return this.defaults.get(row.name) ?? row.default;
  }

  /** The canonical name, for the column header of SHOW. @throws SqlError undefinedObject (42704). */
  canonicalName(name: string): string {
    return rowOf(name).name;
  }

  static has(name: string): boolean {
    return BY_NAME.has(ALIASES.get(name.toLowerCase()) ?? name.toLowerCase());
  }

  /**
   * SET: for the rest of the session, also when the block around it is rolled back.
   * @throws SqlError undefinedObject (42704), invalidParameterValue (22023), cantChangeRuntimeParam, featureNotSupported.
   */
  set(name: string, value: string): void {
    const row = writableRowOf(name);
    this.store(row, checked(row, value));
  }

  /** SET LOCAL. @throws SqlError as `set` does */
  setLocal(name: string, value: string): void {
    const row = writableRowOf(name);
    this.restoreLocals(new Map(this.locals).set(row.name, checked(row, value)));
  }

  /** To be given to `restoreLocals` when a savepoint is rolled back to. */
  localSettings(): LocalSettings {
    return this.locals;
  }

  /** @param locals none: the block has ended */
  restoreLocals(locals: LocalSettings = NO_LOCALS): void {
    const before = this.locals;
    if (before === locals) return;
    const names = new Set([...before.keys(), ...locals.keys()]);
    const values = new Map([...names].map((name) => [name, this.get(name)]));
    this.locals = locals;
    for (const [name, value] of values) this.report(rowOf(name), value);
  }

  /** RESET and `SET x = DEFAULT`. */
  reset(name: string): void {
    const row = rowOf(name);
    if (row.readOnly) return;
    this.store(row, this.defaultOf(row));
  }

  resetAll(): void {
    for (const row of ROWS) if (!row.readOnly) this.reset(row.name);
  }

  /** What the connection starts with, and what RESET goes back to: the startup packet's values. */
  setInitial(name: string, value: string): void {
    const row = writableRowOf(name);
    this.defaults.set(row.name, checked(row, value));
  }

  /** Values that only the server sets (session_user, transaction_status). */
  setInternal(name: string, value: string): void {
    this.store(rowOf(name), value);
  }

  private store(row: SettingRow, value: string): void {
    const before = this.get(row.name);
    this.values.set(row.name, value);
    if (this.locals.has(row.name)) {
      const locals = new Map(this.locals);
      locals.delete(row.name);
      this.locals = locals;
    }
    this.report(row, before);
  }

  private report(row: SettingRow, before: string): void {
    const value = this.get(row.name);
    if (row.reportedAs !== undefined && before !== value) this.onReported(row.reportedAs, value);
  }

  /** Name and value of all, sorted by name: SHOW ALL. */
  all(): ReadonlyArray<readonly [string, string]> {
    return ROWS.map((row) => [row.name, this.get(row.name)] as const);
  }

  reported(): ReadonlyArray<readonly [string, string]> {
    return ROWS.flatMap((row) =>
      row.reportedAs === undefined ? [] : [[row.reportedAs, this.get(row.name)] as const],
    );
  }

  /** Schemas of `search_path`, with `$user` replaced. */
  searchPath(user: string): string[] {
    return this.get('search_path')
      .split(',')
      .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
      .filter((part) => part !== '')
      .map((part) => (part === '$user' ? user : part));
  }

  get timeZone(): string {
    return this.get('timezone');
  }
}
