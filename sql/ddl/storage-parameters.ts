import { notSupported, SqlError } from '../../base/errors';
import type { StorageParameter } from '../parse/ddl-ast';
import type { DdlRun } from './run';

/**
 * `WITH (fillfactor = 70)`: PostgreSQL's storage parameters. CockroachDB stores nothing of them either: it takes those
 * that would change no answer, and says so. Source: v21.2, its list of parameters.
 */

const IGNORED = new Set(['fillfactor']);

const KNOWN: { readonly [K in 'table' | 'index']: ReadonlySet<string> } = {
  table: new Set(
    (
      'toast_tuple_target parallel_workers toast.autovacuum_enabled vacuum_index_cleanup vacuum_truncate log_autovacuum_min_duration ' +
      'autovacuum_vacuum_threshold autovacuum_vacuum_scale_factor autovacuum_vacuum_insert_threshold user_catalog_table ' +
      'autovacuum_vacuum_insert_scale_factor autovacuum_analyze_threshold autovacuum_analyze_scale_factor ' +
      'autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_freeze_min_age autovacuum_freeze_max_age ' +
      'autovacuum_freeze_table_age autovacuum_multixact_freeze_min_age autovacuum_multixact_freeze_max_age ' +
      'autovacuum_multixact_freeze_table_age'
    ).split(' '),
  ),
  index: new Set(
    (
      'vacuum_cleanup_index_scale_factor buffering fastupdate gin_pending_list_limit pages_per_range autosummarize ' +
      's2_max_level s2_level_mod s2_max_cells geometry_min_x geometry_max_x geometry_min_y geometry_max_y'
    ).split(' '),
  ),
};

/** @throws SqlError invalidParameterValue (22023), featureNotSupported (0A000) */
export function checkStorageParameters(
  parameters: readonly StorageParameter[],
  of: 'table' | 'index',
  run: DdlRun,
): void {
  for (const { name, value } of parameters) {
    if (IGNORED.has(name)) {
      const number = Number(value ?? 'NaN');
      if (Number.isNaN(number)) {
        throw new SqlError('invalidParameterValue', `parameter "${name}" requires a float value`);
      }
      if (number < 0 || number > 100) {
        throw new SqlError('invalidParameterValue', `"${name}" must be between 0 and 100`);
      }
      ignored(name, run);
    } else if (of === 'table' && name === 'autovacuum_enabled') {
      const word = (value ?? 'true').replace(/^'(.*)'$/, '$1').toLowerCase();
      if (!ON.has(word) && !OFF.has(word)) {
        throw new SqlError('invalidParameterValue', `parameter "${name}" requires a Boolean value`);
      }
      if (OFF.has(word)) ignored(`${name} = ${value ?? ''}`, run);
    } else if (KNOWN[of].has(name)) throw notSupported(`storage parameter "${name}"`);
    else throw new SqlError('invalidParameterValue', `invalid storage parameter "${name}"`);
  }
}

const ON = new Set(['true', 'on', 'yes', '1']);
const OFF = new Set(['false', 'off', 'no', '0']);

function ignored(what: string, run: DdlRun): void {
  const message = `storage parameter "${what}" is ignored`;
  run.notice({ severity: 'NOTICE', code: '00000', message });
}

/** ALTER TABLE … SET (…). @throws SqlError as `checkStorageParameters` */
export function setStorage(
  parameters: readonly { readonly name: string; readonly value: string }[],
  run: DdlRun,
): void {
  checkStorageParameters(parameters, 'table', run);
}

/** ALTER TABLE … RESET (…). @throws SqlError as `checkStorageParameters` */
export function resetStorage(names: readonly string[]): void {
  for (const name of names) {
    if (IGNORED.has(name) || name === 'autovacuum_enabled') continue;
    if (KNOWN.table.has(name)) throw notSupported(`storage parameter "${name}"`);
    throw new SqlError('invalidParameterValue', `invalid storage parameter "${name}"`);
  }
}
