import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { validateLayer } from './validate-backup';

/**
 * Backs a database up, whatever made it, and checks what was written.
 * @param ioDirectory the server's `--external-io-dir`
 */
export async function backUpAndValidate(
  run: (sql: string) => Promise<unknown>,
  database: string,
  ioDirectory: string,
): Promise<void> {
  await run(`BACKUP DATABASE ${database} INTO 'nodelocal://1/valid-${database}'`);
  const folder = join(ioDirectory, `valid-${database}`);
  const found = readdirSync(folder, { recursive: true }) as string[];
  const [manifest = ''] = found.filter((path) => path.endsWith('BACKUP_MANIFEST'));
  await validateLayer(join(folder, dirname(manifest)));
}
