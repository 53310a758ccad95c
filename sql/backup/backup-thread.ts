import { serveBackupThread } from '../../backup/backup/threads/backup-thread';

/** Entry point of the threads that write a backup. SQL is loaded by those that have expressions to compute. */

void serveBackupThread(async (db, catalog) => {
  const { openExpressions } = await import('./row-expressions.js');
  return await openExpressions(db, catalog);
});
