import { SqlError } from '../../base/errors';
import { isTemporarySchema } from '../../catalog/temporary';
import type { SessionSettings } from './settings';

/**
 * Temporary objects lie in a schema of their session, one in each database that has some: `pg_temp_<high>_<low>`, the two halves
 * of the session's id. `pg_temp` is its name to the session itself. Source: v21.2, temporary_schema.go, for names only.
 */

const HALF = 16;

/** Of the session; it need not be there yet. */
export function temporarySchemaOf(settings: SessionSettings): string {
  const id = settings.get('session_id');
  if (id === '') return 'pg_temp';
  const [high, low] = [id.slice(0, HALF), id.slice(HALF)].map((half) => BigInt(`0x${half}`));
  return `pg_temp_${high}_${low}`;
}

/** The schema that a name means to the session. @throws SqlError featureNotSupported (0A000) for those of others */
export function ownSchemaNamed(name: string, settings: SessionSettings): string {
  if (!name.startsWith('pg_temp')) return name;
  const own = temporarySchemaOf(settings);
  if (name === 'pg_temp' || name === own) return own;
  if (!isTemporarySchema(name)) return name;
  throw new SqlError('featureNotSupported', 'cannot access temporary tables of other sessions');
}
