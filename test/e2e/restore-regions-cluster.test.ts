import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { writeRegionalBackup } from '../support/regional-backup';

/** RESTORE of a full cluster with multi-region databases. */

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('RESTORE of a cluster with regions', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const run = (database: string, ...statements: string[]): string =>
    server.psql(database, statements, PLAIN).trim();

  const backup = {
    regions: ['us-east1', 'us-west1'],
    primary: 'us-east1',
    cluster: true,
  } as const;
  const statement = "RESTORE FROM LATEST IN 'nodelocal://1/all'";

  const start = async (...flags: string[]): Promise<void> => {
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${io.path}`,
      ...flags,
    ]);
  };
  beforeAll(async () => {
    await writeRegionalBackup(io.path, 'all', backup);
  });
  afterEach(async () => {
    await server?.stop();
  });
  afterAll(() => io.remove());

  test('a node without a locality has none of its regions', async () => {
    await start();
    expect(() => run('defaultdb', statement)).toThrow(
      'missing regions detected: us-east1, us-west1.',
    );
    expect(run('defaultdb', 'SHOW DATABASES')).not.toContain('mr|');
    run('defaultdb', `${statement} WITH skip_localities_check`);
    expect(run('mr', 'SELECT crdb_region, id FROM homes ORDER BY id')).toBe(
      'us-west1|1\nus-east1|2\nus-west1|3\nus-east1|4',
    );
    expect(() => run('mr', 'INSERT INTO homes (id) VALUES (9)')).toThrow(
      'no region set on the locality flag on this node',
    );
    run('mr', "INSERT INTO homes (crdb_region, id) VALUES ('us-west1', 9)");
  });

  test('everything keeps its id, and other databases get the region of sql.defaults.primary_region', async () => {
    await start('--locality=region=us-west1', '--cluster-regions=us-east1');
    run('defaultdb', "SET CLUSTER SETTING sql.defaults.primary_region = 'us-west1'", statement);
    expect(run('mr', "SELECT 'homes'::REGCLASS::OID, 'crdb_internal_region'::REGTYPE::OID")).toBe(
      '63|100061',
    );
    expect(run('mr', 'SHOW CREATE DATABASE mr')).toContain('PRIMARY REGION "us-east1"');
    expect(run('single', 'SHOW CREATE DATABASE single')).toContain('PRIMARY REGION "us-west1"');
    expect(run('single', 'SELECT * FROM other ORDER BY id')).toBe('1|row 1\n2|row 2');
    expect(run('single', 'SHOW ENUMS')).toBe('public|crdb_internal_region|{us-west1}|root');
  });

  test('a cluster goes through BACKUP with its regions; what was configured beside them stays', async () => {
    await start('--locality=region=us-west1', '--cluster-regions=us-east1');
    run('defaultdb', statement, 'ALTER DATABASE mr CONFIGURE ZONE USING gc.ttlseconds = 77');
    run(
      'mr',
      'ALTER TABLE homes SET LOCALITY GLOBAL',
      'ALTER TABLE west SET LOCALITY REGIONAL BY ROW',
    );
    // Those of the system come first.
    const shown = (): string =>
      run(
        'mr',
        'SHOW ZONE CONFIGURATIONS',
        'SHOW CREATE TABLE west',
        'SELECT crdb_region, * FROM west',
      ).replace(/^.*?(?=DATABASE mr\|)/s, '');
    const before = shown();
    expect(before).toContain('gc.ttlseconds = 77');
    expect(before).toContain('PARTITION "us-west1" OF INDEX mr.public.west@');
    run('defaultdb', "BACKUP INTO 'nodelocal://1/again'");
    await server.stop();
    await start('--locality=region=us-west1', '--cluster-regions=us-east1');
    run('defaultdb', "RESTORE FROM LATEST IN 'nodelocal://1/again'");
    expect(shown()).toBe(before);
    run('mr', "UPDATE west SET crdb_region = 'us-west1' WHERE id = 1");
    expect(run('mr', 'SELECT crdb_region, id FROM west ORDER BY id')).toBe(
      'us-west1|1\nus-east1|2',
    );
    run('defaultdb', 'ALTER DATABASE mr PRIMARY REGION "us-west1"');
    expect(run('defaultdb', 'SHOW ZONE CONFIGURATION FROM DATABASE mr')).toContain(
      "voter_constraints = '[+region=us-west1]'",
    );
  });
});
