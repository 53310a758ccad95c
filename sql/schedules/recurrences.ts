import { SqlError } from '../../base/errors';
import { parseRecurrence } from '../../jobs/schedules/cron';

/** How often full and incremental backups are made. */
export interface Recurrences {
  readonly full: { readonly recurrence: string; readonly firstRunMicros: number };
  /** Undefined: all backups are full. */
  readonly incremental: string | undefined;
}

const HOUR_MICROS = 3600e6;

/**
 * Without a FULL BACKUP clause it follows from RECURRING: daily full backups for what comes every hour or more often, weekly
 * ones for what comes every day or more often, nothing but full ones for what comes less often. The first one is then made now.
 * Source: CockroachDB v21.2.
 */
export function planRecurrences(
  recurring: string,
  full: 'ALWAYS' | { readonly cron: string } | null,
  nowMicros: number,
): Recurrences {
  const { next, everyMicros } = timesOf(recurring, nowMicros);
  if (full === 'ALWAYS') {
    return { full: { recurrence: recurring, firstRunMicros: next }, incremental: undefined };
  }
  if (full !== null) {
    const firstRunMicros = timesOf(full.cron, nowMicros).next;
    return { full: { recurrence: full.cron, firstRunMicros }, incremental: recurring };
  }
  const recurrence = fullFor(everyMicros);
  return {
    full: { recurrence: recurrence ?? recurring, firstRunMicros: nowMicros },
    incremental: recurrence === undefined ? undefined : recurring,
  };
}

function fullFor(everyMicros: number): string | undefined {
  if (everyMicros <= HOUR_MICROS) return '@daily';
  return everyMicros <= 24 * HOUR_MICROS ? '@weekly' : undefined;
}

function timesOf(cron: string, nowMicros: number) {
  const recurrence = parseRecurrence(cron);
  const next = recurrence.next(nowMicros);
  const afterNext = next === undefined ? undefined : recurrence.next(next);
  if (next !== undefined && afterNext !== undefined) return { next, everyMicros: afterNext - next };
  throw new SqlError(
    'invalidParameterValue',
    `schedule expression ${JSON.stringify(cron)} names a time that never comes`,
  );
}
