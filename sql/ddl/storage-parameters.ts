import { notSupported, SqlError } from '../../base/errors';
import type { DdlRun } from './run';

/** ALTER TABLE … SET and RESET (parameter …): PostgreSQL's parameters, which CockroachDB reads and does not use. */

type Check = (value: string, name: string) => void;

const bool: Check = (value, name) => {
  if (['true', 'false', 'on', 'off'].includes(value.toLowerCase())) return;
  throw new SqlError('invalidParameterValue', `parameter "${name}" requires a Boolean value`);
};

const percent: Check = (value, name) => {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 0 && number <= 100) return;
  throw new SqlError('invalidParameterValue', `"${name}" must be between 0 and 100`);
};

const PARAMETERS: ReadonlyMap<string, Check> = new Map([
  ['fillfactor', percent],
  ['autovacuum_enabled', bool],
]);

function checkOf(name: string): Check {
  const check = PARAMETERS.get(name.toLowerCase());
  if (check !== undefined) return check;
  if (/^(toast|autovacuum|parallel_workers|user_catalog|log_auto|vacuum)/.test(name)) {
    throw notSupported(`storage parameter "${name}"`);
  }
  throw new SqlError('invalidParameterValue', `invalid storage parameter "${name}"`);
}

export function setStorage(
  parameters: readonly { readonly name: string; readonly value: string }[],
  run: DdlRun,
): void {
  for (const { name, value } of parameters) {
    checkOf(name)(value, name);
    const message = `storage parameter "${name}" is ignored`;
    run.notice({ severity: 'NOTICE', code: '00000', message });
  }
}

export function resetStorage(names: readonly string[]): void {
  for (const name of names) checkOf(name);
}
