import { SqlError } from '../../base/errors';
import { microsOfTimestamp } from '../../catalog/types/datetime';
import { TIMESTAMPTZ } from '../../catalog/types/table';
import type { ErrorBehavior, SchedulePolicies, WaitBehavior } from '../../jobs/schedules/schedule';
import { decodeText } from '../builtins/repr';
import type { KeyValueOption } from '../parse/ast';
import type { StatementContext } from '../statements/statement-context';

/** WITH SCHEDULE OPTIONS. */
export interface ScheduleOptions extends SchedulePolicies {
  /** Microseconds since 1970; undefined: not given. */
  readonly firstRunMicros: number | undefined;
  readonly ignoresExistingBackups: boolean;
  readonly updatesLastBackupMetric: boolean;
}

const WITH_VALUE = ['first_run', 'on_execution_failure', 'on_previous_running'];
const WITHOUT_VALUE = ['ignore_existing_backups', 'updates_cluster_last_backup_time_metric'];

const ON_ERROR: ReadonlyMap<string, ErrorBehavior> = new Map([
  ['retry', 'RETRY'],
  ['reschedule', 'RESCHEDULE'],
  ['pause', 'PAUSE'],
]);
const ON_RUNNING: ReadonlyMap<string, WaitBehavior> = new Map([
  ['start', 'START'],
  ['skip', 'SKIP'],
  ['wait', 'WAIT'],
]);

const invalid = (message: string): SqlError => new SqlError('invalidParameterValue', message);

/** @throws SqlError invalidParameterValue (22023) in CockroachDB's words */
export function scheduleOptions(
  given: readonly KeyValueOption[],
  context: StatementContext,
): ScheduleOptions {
  const options = new Map<string, string>();
  for (const { name, value } of given) {
    if (!WITH_VALUE.includes(name) && !WITHOUT_VALUE.includes(name)) {
      throw invalid(`invalid option "${name}"`);
    }
    if (WITH_VALUE.includes(name) && value === null) {
      throw invalid(`option "${name}" requires a value`);
    }
    if (WITHOUT_VALUE.includes(name) && value !== null) {
      throw invalid(`option "${name}" does not take a value`);
    }
    options.set(name, value === null ? '' : context.text(value));
  }
  const onError = options.get('on_execution_failure') ?? 'reschedule';
  const wait = options.get('on_previous_running') ?? 'wait';
  const firstRun = options.get('first_run');
  return {
    onError: choice(onError, ON_ERROR, 'on_execution_error'),
    wait: choice(wait, ON_RUNNING, 'on_previous_running'),
    firstRunMicros: firstRun === undefined ? undefined : timeOf(firstRun, context),
    ignoresExistingBackups: options.has('ignore_existing_backups'),
    updatesLastBackupMetric: options.has('updates_cluster_last_backup_time_metric'),
  };
}

function choice<T>(text: string, choices: ReadonlyMap<string, T>, option: string): T {
  const found = choices.get(text.toLowerCase());
  if (found !== undefined) return found;
  const names = [...choices.keys()].join('|');
  throw invalid(`"${text}" is not a valid ${option}; valid values are [${names}]`);
}

/** In the session's time zone; `now` is the time of the statement. */
function timeOf(text: string, context: StatementContext): number {
  const value = decodeText(text, TIMESTAMPTZ, context.sessionValues());
  const micros = typeof value === 'bigint' ? Number(microsOfTimestamp(value)) : Number.NaN;
  if (Number.isSafeInteger(micros)) return micros;
  throw invalid(`first_run is out of range: ${JSON.stringify(text)}`);
}
