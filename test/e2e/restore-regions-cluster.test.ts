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
});
