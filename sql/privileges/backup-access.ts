import type { BackupContents } from '../../backup/backup/targets/targets';
import { SqlError } from '../../base/errors';
import { type Actor, hasPrivilege, isAdmin, requirePrivilege, secured } from './access';

/**
 * Who may back up what: SELECT on tables, USAGE on types and schemas, and CONNECT (before 21.2: SELECT) on databases.
 * @param contents undefined: the full cluster
 * @throws SqlError insufficientPrivilege (42501)
 */
export function requireBackup(actor: Actor, contents: BackupContents | undefined): void {
  if (isAdmin(actor)) return;
  if (contents === undefined) {
    throw new SqlError(
      'insufficientPrivilege',
      'only users with the admin role are allowed to perform full cluster backups',
    );
  }
  for (const entry of contents.descriptors) {
    switch (entry.kind) {
      case 'database':
        if (!hasPrivilege(actor, secured(entry), 'SELECT'))
          requirePrivilege(actor, secured(entry), 'CONNECT');
        break;
      case 'table':
        requirePrivilege(actor, secured(entry), 'SELECT');
        break;
      default:
        requirePrivilege(actor, secured(entry), 'USAGE');
    }
  }
}
