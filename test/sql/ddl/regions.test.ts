import { type DdlEngine, openDdlEngine } from './engine';

/** Multi-region databases: their regions, survival goals, localities and what follows from them. */

let engine: DdlEngine;

beforeAll(async () => {
  engine = await openDdlEngine({
    locality: [
      { key: 'region', value: 'us-east1' },
      { key: 'zone', value: 'b' },
    ],
    clusterRegions: ['us-west1', 'europe-west1'],
  });
});
afterAll(async () => {
  await engine?.close();
});

const run = (sql: string): Promise<string> => engine.run(sql);

/** Of a database of its own. */
async function database(name: string, regions: string): Promise<void> {
  expect(await run(`CREATE DATABASE ${name} ${regions}`)).toBe('CREATE DATABASE');
  await run(`USE ${name}`);
}

test('what the flags declare', async () => {
  expect(await run('SHOW LOCALITY')).toBe('region=us-east1,zone=b');
  const regions = 'europe-west1|{}\nus-east1|{b}\nus-west1|{}';
  expect(await run('SHOW REGIONS FROM CLUSTER')).toBe(regions);
  expect(await run('SELECT * FROM crdb_internal.regions')).toBe(regions);
  expect(await run('SELECT locality FROM crdb_internal.gossip_nodes')).toBe(
    'region=us-east1,zone=b',
  );
  expect(await run("SELECT gateway_region(), crdb_internal.locality_value('zone')")).toBe(
    'us-east1|b',
  );
});

test('a node without a locality has no region', async () => {
  const plain = await openDdlEngine();
  try {
    expect(await plain.run('SELECT gateway_region()')).toBe(
      'ERROR F0000 no region set on the locality flag on this node',
    );
    expect(await plain.run('SHOW REGIONS')).toBe('');
    expect(await plain.run('CREATE DATABASE d PRIMARY REGION "us-east1"')).toBe(
      'ERROR 42602 region "us-east1" does not exist\nHINT valid regions: ',
    );
  } finally {
    await plain.close();
  }
});

test.each([
  ['PRIMARY REGION "mars"', '42602 region "mars" does not exist'],
  ['REGIONS "us-east1"', '42P12 PRIMARY REGION must be specified if REGIONS are specified'],
  ['SURVIVE ZONE FAILURE', '42P12 PRIMARY REGION must be specified when using SURVIVE'],
  [
    'PRIMARY REGION "us-east1" REGIONS "us-west1", "us-west1"',
    '42602 region "us-west1" defined multiple times',
  ],
  [
    'PRIMARY REGION "us-east1" REGIONS "us-west1" SURVIVE REGION FAILURE',
    '22023 at least 3 regions are required for surviving a region failure',
  ],
])('CREATE DATABASE refused %s', async (regions, error) => {
  expect(await run(`CREATE DATABASE refused ${regions}`)).toContain(`ERROR ${error}`);
});

test('CREATE DATABASE with regions, as it is shown', async () => {
  await database('shown', 'PRIMARY REGION "us-west1" REGIONS "us-east1"');
  expect(await run('SHOW CREATE DATABASE shown')).toBe(
    'shown|CREATE DATABASE shown PRIMARY REGION "us-west1" REGIONS = "us-east1", "us-west1" SURVIVE ZONE FAILURE',
  );
  expect(await run('SHOW REGIONS FROM DATABASE')).toBe('shown|us-west1|t|{}\nshown|us-east1|f|{b}');
  expect(await run('SHOW SURVIVAL GOAL FROM DATABASE shown')).toBe('shown|zone');
  expect(await run('SHOW ENUMS')).toBe('public|crdb_internal_region|{us-east1,us-west1}|root');
  expect(await run('SHOW REGIONS')).toContain('us-west1|{}|{shown}|{shown}');
  expect(await run('SHOW REGIONS FROM ALL DATABASES')).toContain(
    'shown|{us-east1,us-west1}|us-west1',
  );
  expect(
    await run("SELECT regions, survival_goal FROM crdb_internal.databases WHERE name = 'shown'"),
  ).toBe('{us-east1,us-west1}|zone');
  expect(await run('DROP DATABASE shown RESTRICT')).toBe('DROP DATABASE');
});

test('regions are added, dropped and made primary', async () => {
  await database('altered', 'PRIMARY REGION "us-east1"');
  const alter = (what: string): Promise<string> => run(`ALTER DATABASE altered ${what}`);
  expect(await alter('ADD REGION "us-west1"')).toBe('ALTER DATABASE ADD REGION');
  expect(await alter('ADD REGION "europe-west1"')).toBe('ALTER DATABASE ADD REGION');
  expect(await alter('ADD REGION "us-west1"')).toBe(
    'ERROR 42710 region "us-west1" already added to database',
  );
  expect(await alter('ADD REGION "mars"')).toContain('ERROR 42602 region "mars" does not exist');
  expect(await run("SELECT enum_range('us-east1'::crdb_internal_region)")).toBe(
    '{europe-west1,us-east1,us-west1}',
  );
  expect(await alter('SURVIVE REGION FAILURE')).toBe('ALTER DATABASE SURVIVE');
  expect(await alter('DROP REGION "us-west1"')).toContain('ERROR 22023 at least 3 regions');
  expect(await alter('SURVIVE ZONE FAILURE')).toBe('ALTER DATABASE SURVIVE');
  expect(await alter('DROP REGION "us-east1"')).toContain(
    'ERROR 42P12 cannot drop region "us-east1"',
  );
  expect(await alter('PRIMARY REGION "us-west1"')).toBe('ALTER DATABASE PRIMARY REGION');
  expect(await alter('DROP REGION "us-east1"')).toBe('ALTER DATABASE DROP REGION');
  expect(await alter('DROP REGION "us-east1"')).toBe(
    'ERROR 42704 region "us-east1" has not been added to the database',
  );
  expect(await alter('PRIMARY REGION "us-east1"')).toContain(
    'ERROR 42602 region "us-east1" has not been added to the database',
  );
});

test('a database becomes multi-region and stops being it', async () => {
  await database('later', '');
  await run('CREATE TABLE t (id INT PRIMARY KEY)');
  await run('CREATE MATERIALIZED VIEW m AS SELECT id FROM t');
  expect(await run('ALTER DATABASE later ADD REGION "us-east1"')).toContain(
    'ERROR 42P12 cannot add region "us-east1" to database later',
  );
  expect(await run('ALTER TABLE t SET LOCALITY GLOBAL')).toContain(
    "ERROR 42P16 cannot alter a table's LOCALITY",
  );
  expect(await run('CREATE TABLE u (id INT) LOCALITY GLOBAL')).toContain(
    'ERROR 42P16 cannot set LOCALITY on a table in a database that is not multi-region enabled',
  );
  expect(await run('ALTER DATABASE later PRIMARY REGION "us-east1"')).toBe(
    'ALTER DATABASE PRIMARY REGION',
  );
  expect(await run('SELECT table_name, locality FROM [SHOW TABLES]')).toBe(
    'm|GLOBAL\nt|REGIONAL BY TABLE IN PRIMARY REGION',
  );
  expect(await run('ALTER DATABASE later DROP REGION "us-east1"')).toBe(
    'ALTER DATABASE DROP REGION',
  );
  expect(await run('SELECT table_name, locality FROM [SHOW TABLES]')).toBe('m|NULL\nt|NULL');
  expect(await run('SHOW ENUMS')).toBe('');
});

test('an object with the name of the region enum is in the way', async () => {
  await database('taken', '');
  await run("CREATE TYPE crdb_internal_region AS ENUM ('a')");
  expect(await run('ALTER DATABASE taken PRIMARY REGION "us-east1"')).toContain(
    'ERROR 42710 type "taken.public.crdb_internal_region" already exists',
  );
});

test('localities of tables, and the regions that they need', async () => {
  await database('local', 'PRIMARY REGION "us-east1" REGIONS "us-west1"');
  await run('CREATE TABLE t (id INT PRIMARY KEY)');
  await run('CREATE TABLE g (id INT PRIMARY KEY) LOCALITY GLOBAL');
  await run('CREATE TABLE w (id INT PRIMARY KEY) LOCALITY REGIONAL BY TABLE IN "us-west1"');
  await run('CREATE SEQUENCE s');
  expect(await run('CREATE TABLE x (id INT) LOCALITY REGIONAL IN "mars"')).toBe(
    'ERROR 42P16 region "mars" has not been added to database "local"\nHINT available regions: us-east1, us-west1',
  );
  const localities =
    "SELECT name, locality FROM crdb_internal.tables WHERE database_name = 'local'";
  expect(await run(`${localities} ORDER BY name`)).toBe(
    [
      'g|GLOBAL',
      's|REGIONAL BY TABLE IN PRIMARY REGION',
      't|REGIONAL BY TABLE IN PRIMARY REGION',
      'w|REGIONAL BY TABLE IN "us-west1"',
    ].join('\n'),
  );
  expect(await engine.show('w')).toContain(') LOCALITY REGIONAL BY TABLE IN "us-west1"');
  expect(await run('ALTER DATABASE local DROP REGION "us-west1"')).toBe(
    'ERROR 2BP01 could not remove enum value "us-west1" as it is the home region for table "w"',
  );
  expect(await run('ALTER TABLE w SET LOCALITY REGIONAL BY TABLE')).toBe(
    'ALTER TABLE SET LOCALITY',
  );
  expect(await run('ALTER DATABASE local DROP REGION "us-west1"')).toBe(
    'ALTER DATABASE DROP REGION',
  );
});

test('zone configurations follow from regions', async () => {
  await database('zoned', 'PRIMARY REGION "us-east1" REGIONS "us-west1", "europe-west1"');
  await run('CREATE TABLE g (id INT PRIMARY KEY) LOCALITY GLOBAL');
  await run('CREATE TABLE w (id INT PRIMARY KEY) LOCALITY REGIONAL BY TABLE IN "us-west1"');
  const raw = async (target: string): Promise<string> =>
    (await run('SELECT target, raw_config_sql FROM [SHOW ZONE CONFIGURATIONS]'))
      .split(/\n(?!\t)/)
      .find((row) => row.startsWith(`${target}|`))
      ?.replace(/[^\t]*\t/, '')
      .replaceAll(/,\n\t/g, '; ') ?? '';
  const each =
    "constraints = '{+region=europe-west1: 1, +region=us-east1: 1, +region=us-west1: 1}'";
  expect(await raw('DATABASE zoned')).toContain(
    `num_replicas = 5; num_voters = 3; ${each}; voter_constraints = '[+region=us-east1]'; lease_preferences = '[[+region=us-east1]]'`,
  );
  expect(await raw('TABLE zoned.public.g')).toContain('global_reads = true');
  expect(await raw('TABLE zoned.public.w')).toContain(
    "num_voters = 3; voter_constraints = '[+region=us-west1]'; lease_preferences = '[[+region=us-west1]]'",
  );
  await run('ALTER DATABASE zoned SURVIVE REGION FAILURE');
  expect(await raw('DATABASE zoned')).toContain(
    `num_replicas = 5; num_voters = 5; ${each}; voter_constraints = '{+region=us-east1: 2}'`,
  );
  expect(await run('ALTER DATABASE zoned CONFIGURE ZONE USING num_replicas = 7')).toContain(
    'ERROR 55000 attempting to modify protected field "num_replicas" of a multi-region zone configuration',
  );
  expect(await run('ALTER TABLE g CONFIGURE ZONE DISCARD')).toContain(
    'ERROR 55000 attempting to discard the zone configuration of a multi-region entity',
  );
  expect(await run('ALTER DATABASE zoned CONFIGURE ZONE USING gc.ttlseconds = 600')).toBe(
    'CONFIGURE ZONE 1',
  );
  expect(await raw('DATABASE zoned')).toContain('gc.ttlseconds = 600; num_replicas = 5');
  expect(await run("ALTER TABLE defaultdb.crdb CONFIGURE ZONE USING constraints = '[]'")).toContain(
    'ERROR 42P01',
  );
});

test('constraints may name what the locality has', async () => {
  await run('USE defaultdb; CREATE TABLE c (id INT PRIMARY KEY)');
  const configure = (constraint: string): Promise<string> =>
    run(`ALTER TABLE c CONFIGURE ZONE USING constraints = '[${constraint}]'`);
  expect(await configure('+region=us-west1')).toBe('CONFIGURE ZONE 1');
  expect(await configure('+zone=b')).toBe('CONFIGURE ZONE 1');
  expect(await configure('+zone=c')).toContain('ERROR 23514 constraint "+zone=c" matches no');
});

test('sql.defaults.primary_region is the region of new databases', async () => {
  await run("SET CLUSTER SETTING sql.defaults.primary_region = 'us-west1'");
  expect(await run('CREATE DATABASE standard')).toBe(
    'NOTICE 00000 setting us-west1 as the PRIMARY REGION as no PRIMARY REGION was specified\nCREATE DATABASE',
  );
  expect(await run('SHOW CREATE DATABASE standard')).toContain('PRIMARY REGION "us-west1"');
  await run('RESET CLUSTER SETTING sql.defaults.primary_region');
});

test('regions are made and used in one block', async () => {
  await run('BEGIN; CREATE DATABASE block PRIMARY REGION "us-east1"');
  expect(await run('CREATE TABLE block.t (id INT) LOCALITY GLOBAL')).toBe('CREATE TABLE');
  expect(await run('ALTER DATABASE block ADD REGION "us-west1"')).toBe('ALTER DATABASE ADD REGION');
  await run('COMMIT');
  expect(await run('SELECT locality FROM [SHOW TABLES FROM block]')).toBe('GLOBAL');
  expect(await run('SHOW REGIONS FROM DATABASE block')).toBe(
    'block|us-east1|t|{b}\nblock|us-west1|f|{}',
  );
});

test('only owners and holders of CREATE change regions', async () => {
  await run('CREATE DATABASE owned PRIMARY REGION "us-east1"; CREATE USER eve');
  const eve = await engine.connect('eve');
  expect(await eve('ALTER DATABASE owned ADD REGION "us-west1"')).toBe(
    'ERROR 42501 user eve must be owner of owned or have CREATE privilege on database owned',
  );
  await run('GRANT CREATE ON DATABASE owned TO eve');
  expect(await eve('ALTER DATABASE owned ADD REGION "us-west1"')).toBe('ALTER DATABASE ADD REGION');
});
