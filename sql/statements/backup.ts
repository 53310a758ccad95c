import { notSupported } from '../../base/errors';
import { requireFeature } from '../cluster-settings/setting-reads';
import type { BackupStatement } from '../parse/ast';
import { requireLocations } from '../privileges/external-access';
import type { StatementContext } from './statement-context';

/** BACKUP is not done here; who may not do it is told that first. */
export function backup(statement: BackupStatement, context: StatementContext): never {
  requireFeature(context.engine.db, 'BACKUP');
  const { destination } = statement;
  const uris = destination.kind === 'path' ? destination.to : destination.collection;
  requireLocations(
    context,
    uris.map((uri) => context.text(uri)),
    'BACKUP',
  );
  throw notSupported('BACKUP');
}
