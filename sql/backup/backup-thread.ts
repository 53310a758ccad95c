import { serveBackupThread } from '../../backup/backup/backup-thread';
import { openTableRows } from './table-rows';

/** Entry point of the thread that writes a backup. */

serveBackupThread(openTableRows);
