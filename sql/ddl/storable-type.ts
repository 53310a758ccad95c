import { notSupported, SqlError } from '../../base/errors';
import type { SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { messageTypeName } from '../../catalog/types/type-name';
import { LATER_HINT } from './later-features';

/** A type that v21.2 has and its alphas, which backups are meant for, do not know. */
const REGROLE_OID = 4096;

/** Families of values that are in no table. */
const NEVER_STORED: ReadonlySet<TypeFamily> = new Set(['void', 'unknown', 'any', 'tuple']);

/**
 * Refuses what CockroachDB has no columns of: it could not write their values, nor read a backup of them.
 * @throws SqlError invalidTableDefinition (42P16), featureNotSupported (0A000), invalidParameterValue (22023)
 */
export function requireStorable(type: SqlType): void {
  const { family, precision, width: scale, element } = type;
  if (type.oid === REGROLE_OID) throw notSupported('REGROLE as the type of a column', LATER_HINT);
  if (NEVER_STORED.has(family)) {
    const message = `value type ${messageTypeName(type)} cannot be used for table columns`;
    throw new SqlError('invalidTableDefinition', message);
  }
  if (family === 'decimal' && precision < scale) {
    const message =
      precision === 0
        ? 'invalid NUMERIC precision 0'
        : `NUMERIC scale ${scale} must be between 0 and precision ${precision}`;
    throw new SqlError('invalidParameterValue', message);
  }
  if (element === undefined) return;
  if (element.family === 'json') {
    const message = 'unimplemented: arrays of JSON unsupported as column type';
    throw new SqlError('featureNotSupported', message);
  }
  requireStorable(element);
}
