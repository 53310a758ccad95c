import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePsql, OothecaProcess } from '../support/ootheca-process';

/** SET and SHOW CLUSTER SETTING, over a restart. */

describePsql('cluster settings', () => {
  let directory: string;
  let server: OothecaProcess;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ootheca-settings-'));
    server = await OothecaProcess.start([`--store=${directory}`]);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true });
  });

  const psql = (...sql: string[]): string => server.psql('defaultdb', sql);

  test('are typed when they are shown', () => {
    expect(psql('SHOW CLUSTER SETTING server.time_until_store_dead')).toBe(
      'server.time_until_store_dead\n00:05:00\n',
    );
    expect(psql('SHOW CLUSTER SETTING sql.stats.automatic_collection.enabled')).toContain('\nt\n');
    expect(psql('SHOW CLUSTER SETTING kv.snapshot_rebalance.max_rate')).toContain('32 MiB');
  });

  test('survive a restart; RESET forgets them', async () => {
    psql(
      `SET CLUSTER SETTING cluster.organization = 'ours'`,
      'SET CLUSTER SETTING sql.defaults.reorder_joins_limit = 4',
      `SET CLUSTER SETTING jobs.retention_time = '15s'`,
      `SET CLUSTER SETTING kv.snapshot_rebalance.max_rate = '64 MiB'`,
    );
    await server.stop();
    server = await OothecaProcess.start([`--store=${directory}`]);
    expect(psql('SHOW CLUSTER SETTING cluster.organization')).toContain('ours');
    expect(psql('SHOW reorder_joins_limit')).toBe('reorder_joins_limit\n4\n');
    expect(psql('SELECT name, value, "valueType" FROM system.settings ORDER BY 1')).toBe(
      'name,value,valueType\n' +
        'cluster.organization,ours,s\n' +
        'jobs.retention_time,15s,d\n' +
        'kv.snapshot_rebalance.max_rate,67108864,z\n' +
        'sql.defaults.reorder_joins_limit,4,i\n',
    );
    psql('RESET CLUSTER SETTING cluster.organization');
    psql('SET CLUSTER SETTING sql.defaults.reorder_joins_limit = DEFAULT');
    expect(psql('SHOW CLUSTER SETTING cluster.organization')).not.toContain('ours');
    expect(psql('SHOW reorder_joins_limit')).toBe('reorder_joins_limit\n8\n');
  });

  test('are listed, public ones alone or all', () => {
    const listed = (what: string): string[] => psql(`SHOW ${what}`).split('\n');
    const open = listed('CLUSTER SETTINGS');
    const all = listed('ALL CLUSTER SETTINGS');
    expect(open[0]).toBe('variable,value,setting_type,description');
    expect(all[0]).toBe('variable,value,setting_type,public,description');
    expect(all.length).toBeGreaterThan(open.length);
    expect(all.some((line) => line.startsWith('jobs.retention_time,15s,d,t,'))).toBe(true);
    expect(listed('PUBLIC CLUSTER SETTINGS')).toEqual(open);
  });

  test('are not for transactions', () => {
    expect(() => psql('BEGIN', `SET CLUSTER SETTING cluster.organization = 'x'`, 'COMMIT')).toThrow(
      /SET CLUSTER SETTING cannot be used inside a transaction/,
    );
  });
});
