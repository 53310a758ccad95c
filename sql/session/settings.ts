import { SqlError } from '../../base/errors';
import { searchPathParts } from './setting-checks';
import { POSTGRES_ONLY, SETTING_ALIASES, SETTING_ROWS, type SettingRow } from './setting-table';

/** Session variables of one connection: values over the rows of setting-table.ts. */

const BY_NAME: ReadonlyMap<string, SettingRow> = new Map(
  SETTING_ROWS.map((row) => [row.name, row]),
);

const canonical = (name: string): string => {
  const lower = name.toLowerCase();
  return SETTING_ALIASES.get(lower) ?? lower;
};

function unknownParameter(name: string): SqlError {
  return new SqlError('undefinedObject', `unrecognized configuration parameter "${name}"`);
}

function rowOf(written: string): SettingRow {
  const name = canonical(written);
  const row = BY_NAME.get(name);
  if (row !== undefined) return row;
  if (!POSTGRES_ONLY.has(name)) throw unknownParameter(written);
  throw new SqlError(
    'featureNotSupported',
    `unimplemented: the configuration setting "${name}" is not supported`,
  );
}

/** A row that SET may change. @throws SqlError */
function writableRowOf(name: string): SettingRow {
  const row = rowOf(name);
  if (row.readOnly === undefined) return row;
  throw new SqlError('cantChangeRuntimeParam', `parameter "${row.name}" cannot be changed`);
}

/** Values of SET LOCAL, which cover the session's until the block or savepoint ends. Never changed, only replaced. */
export type LocalSettings = ReadonlyMap<string, string>;

const NO_LOCALS: LocalSettings = new Map();

export class SessionSettings {
  private readonly values = new Map<string, string>();
  private locals: LocalSettings = NO_LOCALS;
  private readonly defaults = new Map<string, string>();
  /** What `path` was read from. */
  private pathText = '';
  private path: readonly string[] = [];
  private readonly onReported: (name: string, value: string) => void;
  /** Another number after each change of a value. */
  version = 0;
  /** Values by the names that were asked for, until one changes. */
  private readonly known = new Map<string, string>();

  constructor(onReported: (name: string, value: string) => void) {
    this.onReported = onReported;
  }

  get(name: string): string {
    let value = this.known.get(name);
    if (value === undefined) {
      const row = rowOf(name);
      value = this.locals.get(row.name) ?? this.values.get(row.name) ?? this.defaultOf(row);
      this.known.set(name, value);
    }
    return value;
  }

  private changed(): void {
    this.version++;
    this.known.clear();
  }

  private checked(row: SettingRow, value: string): string {
    return row.check === undefined ? value : row.check(value, row.name, (name) => this.get(name));
  }

  private defaultOf(row: SettingRow): string {
    return this.defaults.get(row.name) ?? row.default;
  }

  /** The canonical name, for the column header of SHOW. @throws SqlError undefinedObject (42704). */
  canonicalName(name: string): string {
    return rowOf(name).name;
  }

  static has(name: string): boolean {
    return BY_NAME.has(canonical(name));
  }

  /**
   * SET: for the rest of the session, also when the block around it is rolled back.
   * @throws SqlError undefinedObject (42704), invalidParameterValue (22023), cantChangeRuntimeParam, featureNotSupported.
   */
  set(name: string, value: string): void {
    const row = writableRowOf(name);
    this.store(row, this.checked(row, value));
  }

  /** Throws what `set` would. */
  check(name: string, value: string): void {
    this.checked(writableRowOf(name), value);
  }

  /** SET LOCAL. @throws SqlError as `set` does */
  setLocal(name: string, value: string): void {
    const row = writableRowOf(name);
    this.restoreLocals(new Map(this.locals).set(row.name, this.checked(row, value)));
  }

  /** The same for values that SET can't change (transaction_priority). */
  setLocalInternal(name: string, value: string): void {
    this.restoreLocals(new Map(this.locals).set(rowOf(name).name, value));
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
    this.changed();
    for (const [name, value] of values) this.report(rowOf(name), value);
  }

  /** RESET and `SET x = DEFAULT`. @throws SqlError undefinedObject (42704), cantChangeRuntimeParam (55P02) */
  reset(name: string): void {
    const row = writableRowOf(name);
    this.store(row, this.defaultOf(row));
  }

  resetAll(): void {
    for (const row of SETTING_ROWS) if (!row.readOnly) this.reset(row.name);
  }

  /** What the connection starts with, and what RESET goes back to: the startup packet's values. */
  setInitial(name: string, value: string): void {
    const row = writableRowOf(name);
    this.defaults.set(row.name, this.checked(row, value));
    this.changed();
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
    this.changed();
    this.report(row, before);
  }

  private report(row: SettingRow, before: string): void {
    const value = this.get(row.name);
    if (row.reportedAs !== undefined && before !== value) this.onReported(row.reportedAs, value);
  }

  /** Name and value of all, sorted by name: SHOW ALL. */
  all(): ReadonlyArray<readonly [string, string]> {
    return SETTING_ROWS.filter((row) => row.hidden !== true).map(
      (row) => [row.name, this.get(row.name)] as const,
    );
  }

  reported(): ReadonlyArray<readonly [string, string]> {
    return SETTING_ROWS.flatMap((row) =>
      row.reportedAs === undefined ? [] : [[row.reportedAs, this.get(row.name)] as const],
    );
  }

  /** Schemas of `search_path`, with `$user` replaced. */
  searchPath(user: string): string[] {
    const text = this.get('search_path');
    if (text !== this.pathText) {
      this.pathText = text;
      this.path = searchPathParts(text);
    }
    return this.path.map((part) => (part === '$user' ? user : part));
  }

  get timeZone(): string {
    return this.get('timezone');
  }
}
