import { intervalFromRepr, intervalToRepr } from '../../catalog/types/interval';
import type { Repr, SqlType } from '../../catalog/types/sql-type';

/** What INTERVAL with a field or a precision keeps of a value. */

/** IntervalDurationType numbers of the backup format. */
const Field = { unset: 0, year: 1, month: 2, day: 3, hour: 4, minute: 5, second: 6 } as const;

const HOUR = 3_600_000_000n;
const MINUTE = 60_000_000n;

const cut = (micros: bigint, unit: bigint): bigint => micros - (micros % unit);

/** Half away from zero. */
function round(micros: bigint, unit: bigint): bigint {
  const half = micros < 0n ? -unit / 2n : unit / 2n;
  return cut(micros + half, unit);
}

/** Undefined when the type limits nothing. */
export function intervalLimit(to: SqlType): ((value: Repr) => Repr) | undefined {
  const field = to.intervalTo ?? Field.unset;
  const precise = to.precisionIsSet && to.precision < 6;
  if (field === Field.unset && !precise) return undefined;
  if (field === Field.second && !precise) return undefined;
  const unit = 10n ** BigInt(6 - (precise ? to.precision : 6));
  return (value) => {
    const { months, days, micros } = intervalFromRepr(value as string);
    switch (field) {
      case Field.year:
        return intervalToRepr({ months: months - (months % 12), days: 0, micros: 0n });
      case Field.month:
        return intervalToRepr({ months, days: 0, micros: 0n });
      case Field.day:
        return intervalToRepr({ months, days, micros: 0n });
      case Field.hour:
        return intervalToRepr({ months, days, micros: cut(micros, HOUR) });
      case Field.minute:
        return intervalToRepr({ months, days, micros: cut(micros, MINUTE) });
      default:
        return intervalToRepr({ months, days, micros: round(micros, unit) });
    }
  };
}
