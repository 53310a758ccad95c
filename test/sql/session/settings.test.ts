import { SessionSettings } from '../../../sql/session/settings';
import { sqlState } from '../../support/sql-state';

let reported: (readonly [string, string])[];
let settings: SessionSettings;
beforeEach(() => {
  reported = [];
  settings = new SessionSettings((name, value) => reported.push([name, value]));
});

test('names are compared without case, and TIME ZONE is timezone', () => {
  settings.set('TimeZone', 'asia/tokyo');
  expect(settings.get('TIMEZONE')).toBe('Asia/Tokyo');
  expect(settings.canonicalName('Time Zone')).toBe('timezone');
  expect(SessionSettings.has('ApplicatioN_name')).toBe(true);
  expect(SessionSettings.has('nosuch')).toBe(false);
});

test.each([
  ['get', () => settings.get('nosuch')],
  ['set', () => settings.set('nosuch', '1')],
  ['setLocal', () => settings.setLocal('nosuch', '1')],
  ['reset', () => settings.reset('nosuch')],
  ['setInitial', () => settings.setInitial('nosuch', '1')],
])('%s of an unknown name', (_, run) => {
  expect(run).toThrow(sqlState('42704', 'unrecognized configuration parameter "nosuch"'));
});

test.each([
  ['set', (name: string) => settings.set(name, 'x')],
  ['setLocal', (name: string) => settings.setLocal(name, 'x')],
  ['setInitial', (name: string) => settings.setInitial(name, 'x')],
])('%s of what only the server sets', (_, run) => {
  for (const name of ['server_version', 'crdb_version', 'session_user', 'transaction_status']) {
    expect(() => run(name)).toThrow(sqlState('55P02', `parameter "${name}" cannot be changed`));
  }
});

test.each([
  ['timezone', 'UTC', 'UTC'],
  ['timezone', 'europe/berlin', 'Europe/Berlin'],
  ['timezone', '+5:30', '+05:30'],
  ['timezone', '-3', '-03:00'],
  ['statement_timeout', '1500', '1500'],
  ['statement_timeout', '1.5s', '1500'],
  ['statement_timeout', '2min', '120000'],
  ['statement_timeout', ' 1 h ', '3600000'],
  ['extra_float_digits', '3', '3'],
  ['extra_float_digits', '-15', '-15'],
  ['default_transaction_read_only', 'TRUE', 'on'],
  ['default_transaction_read_only', '0', 'off'],
  ['client_encoding', 'utf-8', 'UTF8'],
  ['bytea_output', 'ESCAPE', 'escape'],
  ['datestyle', 'iso, mdy', 'ISO, MDY'],
  ['default_transaction_isolation', 'Read Committed', 'serializable'],
])('SET %s = %j is stored as %j', (name, value, stored) => {
  settings.set(name, value);
  expect(settings.get(name)).toBe(stored);
});

test.each([
  ['timezone', 'Nowhere/No', '22023'],
  ['timezone', '+99', '22023'],
  ['statement_timeout', '1 fortnight', '22023'],
  ['statement_timeout', '-1', '22023'],
  ['extra_float_digits', '4', '22023'],
  ['extra_float_digits', '1.5', '22023'],
  ['default_transaction_read_only', 'maybe', '22023'],
  ['client_encoding', 'LATIN1', '0A000'],
  ['bytea_output', 'binary', '22023'],
  ['datestyle', 'german', '0A000'],
  ['datestyle', 'ISO, DMY', '0A000'],
  ['datestyle', 'nosuch', '22023'],
  ['default_int_size', '4', '0A000'],
  ['default_int_size', '5', '22023'],
  ['large_full_scan_rows', '-1', '22023'],
  ['intervalstyle', 'iso_8601', '0A000'],
  ['standard_conforming_strings', 'off', '0A000'],
])('SET %s = %j is refused, and changes nothing', (name, value, sqlstate) => {
  const before = settings.get(name);
  expect(() => settings.set(name, value)).toThrow(sqlState(sqlstate, /./));
  expect(settings.get(name)).toBe(before);
  expect(reported).toEqual([]);
});

test('RESET goes back to what the connection started with', () => {
  settings.setInitial('timezone', 'Asia/Tokyo');
  settings.set('timezone', 'UTC');
  settings.reset('timezone');
  expect(settings.get('timezone')).toBe('Asia/Tokyo');
  settings.set('application_name', 'x');
  settings.set('database', 'y');
  settings.resetAll();
  expect(settings.get('application_name')).toBe('');
  expect(settings.get('database')).toBe('defaultdb');
});

test('changes are reported under the protocol’s names, and only changes', () => {
  settings.set('timezone', 'UTC');
  settings.set('extra_float_digits', '1');
  expect(reported).toEqual([]);
  settings.set('timezone', 'Asia/Tokyo');
  settings.set('application_name', 'a');
  settings.set('application_name', 'a');
  expect(reported).toEqual([
    ['TimeZone', 'Asia/Tokyo'],
    ['application_name', 'a'],
  ]);
});

test('the start tells what drivers decide by', () => {
  const statuses = new Map(settings.reported());
  expect(statuses.get('server_version')).toBe('13.0.0');
  expect(statuses.get('client_encoding')).toBe('UTF8');
  expect(statuses.get('integer_datetimes')).toBe('on');
  expect(statuses.get('standard_conforming_strings')).toBe('on');
  expect(statuses.get('DateStyle')).toBe('ISO, MDY');
  expect(statuses.has('crdb_version')).toBe(true);
});

describe('SET LOCAL', () => {
  test('covers the session’s value until it is restored, and is reported', () => {
    settings.set('timezone', 'Asia/Tokyo');
    settings.setLocal('timezone', 'Europe/Berlin');
    expect(settings.get('timezone')).toBe('Europe/Berlin');
    settings.restoreLocals();
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
    expect(reported.map(([, value]) => value)).toEqual([
      'Asia/Tokyo',
      'Europe/Berlin',
      'Asia/Tokyo',
    ]);
  });

  test('a savepoint’s values come back', () => {
    settings.setLocal('timezone', 'Europe/Berlin');
    const atSavepoint = settings.localSettings();
    settings.setLocal('timezone', 'Europe/Paris');
    settings.setLocal('application_name', 'inner');
    settings.restoreLocals(atSavepoint);
    expect(settings.get('timezone')).toBe('Europe/Berlin');
    expect(settings.get('application_name')).toBe('');
  });

  test('SET wins over an earlier SET LOCAL and stays', () => {
    settings.setLocal('timezone', 'Europe/Berlin');
    settings.set('timezone', 'Asia/Tokyo');
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
    settings.restoreLocals();
    expect(settings.get('timezone')).toBe('Asia/Tokyo');
  });
});

test('SHOW ALL has every setting once, by name', () => {
  const names = settings.all().map(([name]) => name);
  expect(names).toEqual([...new Set(names)].sort());
  for (const name of names) expect(settings.get(name)).toEqual(expect.any(String));
});

test('search_path: spaces, quotes, $user', () => {
  expect(settings.searchPath('alice')).toEqual(['alice', 'public']);
  settings.set('search_path', ' a , "B c",, public');
  expect(settings.searchPath('alice')).toEqual(['a', 'B c', 'public']);
});

test('search_path is shown with the quotes that its names need', () => {
  settings.set('search_path', ' a , "B c",, public');
  expect(settings.get('search_path')).toBe('a, "B c", public');
  settings.set('search_path', '"a""b", "x,y"');
  expect(settings.searchPath('alice')).toEqual(['a"b', 'x,y']);
  settings.set('search_path', '');
  expect(settings.searchPath('alice')).toEqual([]);
});

test('what PostgreSQL alone has is refused by name, also to read it', () => {
  const error = sqlState(
    '0A000',
    'unimplemented: the configuration setting "work_mem" is not supported',
  );
  expect(() => settings.set('work_mem', '1MB')).toThrow(error);
  expect(() => settings.get('work_mem')).toThrow(error);
});

test('RESET of what only the server sets', () => {
  expect(() => settings.reset('server_version')).toThrow(
    sqlState('55P02', 'parameter "server_version" cannot be changed'),
  );
});

test('hidden settings can be read and are not listed', () => {
  expect(settings.get('session_authorization')).toBe('root');
  expect(settings.all().map(([name]) => name)).not.toContain('session_authorization');
});

test.each([
  ['datestyle', 'ISO, DMY', 'ISO, DMY', 'setting DateStyle is not enabled'],
  ['intervalstyle', 'ISO_8601', 'iso_8601', 'setting IntervalStyle is not enabled'],
])('%s asks for its %s_enabled', (name, written, shown, message) => {
  const settings = new SessionSettings(() => undefined);
  expect(() => settings.set(name, written)).toThrow(message);
  settings.set(`${name}_enabled`, 'on');
  settings.set(name, written);
  expect(settings.get(name)).toBe(shown);
});
