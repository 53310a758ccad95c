import { join } from 'node:path';

import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

describePsql('SHOW BACKUP', () => {
  let server: OothecaProcess;
  const show = (sql: string): string => server.psql('defaultdb', [sql], ['-t']).trim();

  beforeAll(async () => {
    const io = join(fixturesDir, 'backups');
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test('as a table', () => {
    expect(
      show(`SELECT manifest->>'clusterId', jsonb_array_length(manifest->'files')
            FROM [SHOW BACKUP LATEST IN 'nodelocal://1/bank' WITH as_json]`),
    ).toBe('021db0de-c6ab-4403-a420-5891329114ab,4');
    expect(
      show(`SELECT database_id, parent_schema_id, object_id, file_bytes > 0
            FROM [SHOW BACKUP LATEST IN 'nodelocal://1/bank' WITH OPTIONS (debug_ids, check_files)]
            WHERE object_name = 'old'`),
    ).toBe('111,116,117,t');
  });

  test.each([
    ['WITH debug_ids = "x"', 'option "debug_ids" does not take a value'],
    ['WITH encryption_passphrase', 'option "encryption_passphrase" requires a value'],
    ['WITH nosuch', 'invalid option "nosuch"'],
  ])('%s', (options, message) => {
    const sql = `SHOW BACKUP LATEST IN 'nodelocal://1/bank' ${options.replaceAll('"', "'")}`;
    expect(() => show(sql)).toThrow(message);
  });
});
