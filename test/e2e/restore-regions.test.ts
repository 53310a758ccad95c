import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { writeRegionalBackup } from '../support/regional-backup';

/** RESTORE of multi-region databases and tables, into clusters that have their regions and that do not. */

const PLAIN = ['--no-align', '--tuples-only'];
const US = ['us-east1', 'us-west1'] as const;

describePsql('RESTORE and regions', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const run = (database: string, ...statements: string[]): string =>
    server.psql(database, statements, PLAIN).trim();
  const refused = (statement: string): string => {
    try {
      server.psql('defaultdb', [statement], ['-v', 'VERBOSITY=verbose']);
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };
  const from = (name: string): string => `FROM LATEST IN 'nodelocal://1/${name}'`;

  beforeAll(async () => {
    await writeRegionalBackup(io.path, 'us', { regions: US, primary: 'us-east1' });
    // us-west1 was added to us-east1: another value than when both are there from the beginning.
    await writeRegionalBackup(io.path, 'grown', {
      regions: US,
      primary: 'us-east1',
      physical: [0x80, 0xc0],
    });
    await writeRegionalBackup(io.path, 'elsewhere', {
      regions: ['mars', 'us-west1', 'venus'],
      primary: 'us-west1',
      survivalGoal: 1,
    });
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${io.path}`,
      '--locality=region=us-west1,zone=b',
      '--cluster-regions=us-east1',
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });
  afterEach(() => {
    run(
      'defaultdb',
      'DROP DATABASE IF EXISTS mr CASCADE',
      'DROP DATABASE IF EXISTS single CASCADE',
    );
    run('defaultdb', 'DROP DATABASE IF EXISTS target CASCADE');
  });

  test('a database with its regions, rows, localities and zone configurations', () => {
    expect(run('defaultdb', `RESTORE DATABASE mr ${from('us')}`)).toContain('succeeded|1|10');
    expect(run('mr', 'SHOW CREATE DATABASE mr')).toBe(
      'mr|CREATE DATABASE mr PRIMARY REGION "us-east1" REGIONS = "us-east1", "us-west1" SURVIVE ZONE FAILURE',
    );
    expect(run('mr', 'SELECT table_name, locality FROM [SHOW TABLES] ORDER BY 1')).toBe(
      [
        'homes|REGIONAL BY ROW',
        'plain|REGIONAL BY TABLE IN PRIMARY REGION',
        'shared|GLOBAL',
        'west|REGIONAL BY TABLE IN "us-west1"',
      ].join('\n'),
    );
    expect(run('mr', 'SELECT crdb_region, * FROM homes ORDER BY id')).toBe(
      'us-west1|1|one\nus-east1|2|two\nus-west1|3|three\nus-east1|4|four',
    );
    expect(run('mr', 'SHOW CREATE TABLE homes')).toBe(
      [
        'homes|CREATE TABLE public.homes (',
        '\tid INT8 NOT NULL,',
        '\tname STRING NULL,',
        '\tcrdb_region public.crdb_internal_region NOT VISIBLE NOT NULL DEFAULT default_to_database_primary_region(gateway_region())::public.crdb_internal_region,',
        '\tCONSTRAINT "primary" PRIMARY KEY (id ASC),',
        '\tUNIQUE INDEX homes_name_key (name ASC),',
        '\tFAMILY "primary" (id, name, crdb_region)',
        ') LOCALITY REGIONAL BY ROW',
      ].join('\n'),
    );
    expect(run('mr', 'SHOW ZONE CONFIGURATION FROM TABLE west')).toContain(
      "voter_constraints = '[+region=us-west1]'",
    );
    expect(run('mr', 'SHOW RANGES FROM TABLE homes')).not.toBe('');
  });

  test('a restored table is written like any other: unique in all regions, at home where it is written', () => {
    run('defaultdb', `RESTORE DATABASE mr ${from('us')}`);
    const duplicate = (sql: string): string => {
      try {
        return run('mr', sql);
      } catch (error) {
        return String(error);
      }
    };
    const insert = "INSERT INTO homes (crdb_region, id, name) VALUES ('us-east1'";
    expect(duplicate(`${insert}, 1, 'x')`)).toContain('unique constraint "primary"');
    expect(duplicate(`${insert}, 9, 'one')`)).toContain('unique constraint "homes_name_key"');
    run('mr', "INSERT INTO homes VALUES (9, 'nine')", "UPSERT INTO homes VALUES (1, 'uno')");
    expect(run('mr', 'SELECT crdb_region, * FROM homes WHERE id IN (1, 9) ORDER BY id')).toBe(
      'us-west1|1|uno\nus-west1|9|nine',
    );
    expect(duplicate('ALTER DATABASE mr DROP REGION "us-west1"')).toContain(
      'home region for table "west"',
    );
  });

  test('regions that the cluster lacks are named, unless the check is skipped', () => {
    const error = refused(`RESTORE DATABASE mr ${from('elsewhere')}`);
    expect(error).toContain(
      'ERROR:  55000: detected a mismatch in regions between the restore cluster and the backup cluster, missing regions detected: mars, venus.',
    );
    expect(error).toContain('restore with the "skip_localities_check" option');
    run('defaultdb', `RESTORE DATABASE mr ${from('elsewhere')} WITH skip_localities_check`);
    expect(run('mr', 'SHOW REGIONS FROM DATABASE')).toBe(
      'mr|us-west1|t|{b}\nmr|mars|f|{}\nmr|venus|f|{}',
    );
    expect(run('mr', 'SHOW SURVIVAL GOAL FROM DATABASE')).toBe('mr|region');
    expect(run('mr', 'SELECT crdb_region, id FROM homes ORDER BY id')).toBe(
      'us-west1|1\nmars|2\nus-west1|3\nmars|4',
    );
  });

  test('tables into a database with the same regions take its enum', () => {
    run('defaultdb', 'CREATE DATABASE target PRIMARY REGION "us-east1" REGIONS "us-west1"');
    run('defaultdb', `RESTORE TABLE mr.* ${from('us')} WITH into_db = 'target'`);
    expect(run('target', 'SHOW ENUMS')).toBe(
      'public|crdb_internal_region|{us-east1,us-west1}|root',
    );
    expect(run('target', 'SELECT crdb_region, id FROM homes ORDER BY id')).toBe(
      'us-west1|1\nus-east1|2\nus-west1|3\nus-east1|4',
    );
    run('target', 'INSERT INTO homes (id) VALUES (5)', 'DELETE FROM homes WHERE id < 4');
    expect(refused('ALTER DATABASE target DROP REGION "us-east1"')).toContain('cannot drop region');
    expect(run('target', 'SELECT crdb_region, id FROM homes ORDER BY id')).toBe(
      'us-east1|4\nus-west1|5',
    );
  });

  test('tables are refused by databases whose regions do not fit', () => {
    const restore = (table: string, backup = 'us'): string =>
      refused(`RESTORE TABLE mr.${table} ${from(backup)} WITH into_db = 'target'`);
    run('defaultdb', 'CREATE DATABASE target');
    for (const table of ['homes', 'shared', 'west', 'plain']) {
      expect(restore(table)).toContain(
        `ERROR:  0A000: cannot write descriptor for multi-region table ${table} into non-multi-region database target`,
      );
    }
    run('defaultdb', 'DROP DATABASE target', 'CREATE DATABASE target PRIMARY REGION "us-east1"');
    expect(restore('homes')).toContain('differing physical representation for value "us-east1"');
    const missing = 'could not find enum value "us-west1" in "crdb_internal_region"';
    expect(restore('homes', 'grown')).toContain(missing);
    expect(restore('west', 'grown')).toContain(missing);
    run('defaultdb', `RESTORE TABLE mr.shared, mr.plain ${from('us')} WITH into_db = 'target'`);
    expect(run('target', 'SELECT table_name, locality FROM [SHOW TABLES] ORDER BY 1')).toBe(
      'plain|REGIONAL BY TABLE IN PRIMARY REGION\nshared|GLOBAL',
    );
    run('defaultdb', 'ALTER DATABASE target ADD REGION "us-west1"');
    expect(restore('homes')).toContain('differing physical representation for value');
    expect(restore('homes', 'grown')).toBe('no error');
    expect(run('target', 'SELECT crdb_region FROM homes WHERE id = 1')).toBe('us-west1');
    run('defaultdb', 'DROP DATABASE target CASCADE');
    run('defaultdb', 'CREATE DATABASE target PRIMARY REGION "us-west1" REGIONS "us-east1"');
    expect(restore('homes')).toContain(
      'ERROR:  55000: cannot restore REGIONAL BY ROW table "homes" into a database with other regions: its primary region is us-west1, that of the backup us-east1',
    );
  });

  test('a table without a locality belongs to the primary region of its new database', () => {
    run('defaultdb', 'CREATE DATABASE target PRIMARY REGION "us-east1"');
    run('defaultdb', `RESTORE TABLE single.other ${from('us')} WITH into_db = 'target'`);
    expect(run('target', 'SELECT table_name, locality FROM [SHOW TABLES]')).toBe(
      'other|REGIONAL BY TABLE IN PRIMARY REGION',
    );
    expect(run('target', 'SELECT * FROM other ORDER BY id')).toBe('1|row 1\n2|row 2');
  });

  test('sql.defaults.primary_region is given to databases that have no region', () => {
    const setting = 'sql.defaults.primary_region';
    run('defaultdb', `SET CLUSTER SETTING ${setting} = 'us-west1'`);
    try {
      run('defaultdb', `RESTORE DATABASE mr, single ${from('us')}`);
      expect(run('single', 'SHOW CREATE DATABASE single')).toContain('PRIMARY REGION "us-west1"');
      expect(run('single', 'SHOW CREATE DATABASE mr')).toContain('PRIMARY REGION "us-east1"');
      expect(run('single', 'SELECT locality FROM [SHOW TABLES]')).toBe(
        'REGIONAL BY TABLE IN PRIMARY REGION',
      );
      expect(run('single', "SELECT enum_first('us-west1'::crdb_internal_region)")).toBe('us-west1');
    } finally {
      run('defaultdb', `RESET CLUSTER SETTING ${setting}`);
    }
  });

  test('what BACKUP writes of regional rows is in the order of their whole key', () => {
    run('defaultdb', `RESTORE DATABASE mr ${from('us')}`);
    run('mr', "INSERT INTO homes (crdb_region, id, name) VALUES ('us-east1', 5, 'five')");
    const before = run('mr', 'SELECT crdb_region, * FROM homes ORDER BY id');
    run('defaultdb', "BACKUP DATABASE mr INTO 'nodelocal://1/again'", 'DROP DATABASE mr CASCADE');
    run('defaultdb', `RESTORE DATABASE mr ${from('again')}`);
    expect(run('mr', 'SELECT crdb_region, * FROM homes ORDER BY id')).toBe(before);
    expect(run('mr', "SELECT id FROM homes WHERE name = 'five'")).toBe('5');
    expect(run('mr', 'SHOW CREATE DATABASE mr')).toContain('PRIMARY REGION "us-east1"');
  });
});
