import { appendFileSync } from 'node:fs';

/** OOTHECA_BACKUP_TRACE names a file for what is done, and what is refused. */
export function trace(line: string): void {
  const file = process.env['OOTHECA_BACKUP_TRACE'];
  if (file !== undefined) appendFileSync(file, line);
}
