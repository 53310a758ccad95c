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
  expect(await run('USE defaultdb; DROP DATABASE taken RESTRICT')).toContain('ERROR 2BP01');
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
  await run('CREATE TABLE t (id INT PRIMARY KEY)');
  expect(await run('ALTER TABLE t CONFIGURE ZONE USING num_voters = 1')).toContain(
    'ERROR 55000 attempting to modify protected field "num_voters"',
  );
  expect(await run('ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 5')).toBe(
    'CONFIGURE ZONE 1',
  );
  expect(await run('ALTER TABLE t CONFIGURE ZONE DISCARD')).toBe('CONFIGURE ZONE 1');
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

test('zones that were configured by hand are in the way of a primary region', async () => {
  await database('byhand', '');
  await run('ALTER DATABASE byhand CONFIGURE ZONE USING num_replicas = 5, gc.ttlseconds = 60');
  expect(await run('ALTER DATABASE byhand PRIMARY REGION "us-east1"')).toContain(
    'ERROR 55000 zone configuration for database byhand has field "num_replicas" set which will be overwritten',
  );
  await run('ALTER DATABASE byhand CONFIGURE ZONE DISCARD');
  expect(await run('ALTER DATABASE byhand PRIMARY REGION "us-east1"')).toBe(
    'ALTER DATABASE PRIMARY REGION',
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

describe('REGIONAL BY ROW', () => {
  beforeAll(async () => {
    await database('rows', 'PRIMARY REGION "us-east1" REGIONS "us-west1"');
  });
  beforeEach(async () => {
    await run('USE rows; DROP TABLE IF EXISTS child; DROP TABLE IF EXISTS r');
    await run(
      'CREATE TABLE r (id INT PRIMARY KEY, a INT, u INT UNIQUE, INDEX i (a)) LOCALITY REGIONAL BY ROW',
    );
    await run('INSERT INTO r VALUES (1, 10, 100); UPSERT INTO r VALUES (2, 20, 200)');
    await run("INSERT INTO r (crdb_region, id, a, u) VALUES ('us-west1', 3, 30, 300)");
  });

  const rows = (): Promise<string> => run('SELECT crdb_region, id, a, u FROM r ORDER BY id');
  const insertWest = (id: number, u: number, tail = ''): Promise<string> =>
    run(`INSERT INTO r (crdb_region, id, a, u) VALUES ('us-west1', ${id}, 0, ${u}) ${tail}`);

  test('the hidden column and keys without it are shown', async () => {
    expect(await engine.show('r')).toBe(
      `CREATE TABLE public.r (
	id INT8 NOT NULL,
	a INT8 NULL,
	u INT8 NULL,
	crdb_region public.crdb_internal_region NOT VISIBLE NOT NULL DEFAULT default_to_database_primary_region(gateway_region())::public.crdb_internal_region,
	CONSTRAINT "primary" PRIMARY KEY (id ASC),
	UNIQUE INDEX r_u_key (u ASC),
	INDEX i (a ASC),
	FAMILY "primary" (id, a, u, crdb_region)
) LOCALITY REGIONAL BY ROW`,
    );
    expect(await run('SELECT index_name, column_name, implicit FROM [SHOW INDEXES FROM r]')).toBe(
      [
        ...['i|crdb_region|t', 'i|a|f', 'i|id|t'],
        ...['primary|crdb_region|t', 'primary|id|f'],
        ...['r_u_key|crdb_region|t', 'r_u_key|u|f', 'r_u_key|id|t'],
      ].join('\n'),
    );
    expect(await run('SELECT locality FROM [SHOW TABLES]')).toBe('REGIONAL BY ROW');
    expect(await run("SELECT indexdef FROM pg_indexes WHERE indexname = 'i'")).toBe(
      'CREATE INDEX i ON rows.public.r USING btree (a ASC)',
    );
    expect(
      await run(
        "SELECT column_name, implicit FROM information_schema.statistics WHERE index_name = 'i'",
      ),
    ).toBe('crdb_region|YES\na|NO\nid|YES');
    expect(await run('SELECT partition_name, index_name FROM [SHOW PARTITIONS FROM TABLE r]')).toBe(
      [
        'us-east1|r@primary',
        'us-west1|r@primary',
        'us-east1|r@r_u_key',
        'us-west1|r@r_u_key',
        'us-east1|r@i',
        'us-west1|r@i',
      ].join('\n'),
    );
    expect(await run('SHOW ZONE CONFIGURATION FROM PARTITION "us-west1" OF TABLE r')).toContain(
      'PARTITION "us-west1" OF INDEX r@"primary"|',
    );
  });

  test('rows are unique in all regions', async () => {
    expect(await insertWest(1, 101)).toContain(
      'ERROR 23505 duplicate key value violates unique constraint "primary"\nDETAIL Key (id)=(1) already exists.',
    );
    expect(await insertWest(4, 100)).toContain(
      'constraint "r_u_key"\nDETAIL Key (u)=(100) already exists.',
    );
    expect(await insertWest(4, 100, 'ON CONFLICT (u) DO NOTHING')).toBe('INSERT 0 0');
    const update = 'ON CONFLICT (id) DO UPDATE SET crdb_region = excluded.crdb_region';
    expect(await insertWest(1, 101, update)).toBe('INSERT 0 1');
    await run("UPSERT INTO r (crdb_region, id, a, u) VALUES ('us-east1', 3, 31, 301)");
    expect(await rows()).toBe('us-west1|1|10|100\nus-east1|2|20|200\nus-east1|3|31|301');
    expect(await run('CREATE UNIQUE INDEX ON r (a)')).toBe('CREATE INDEX');
    expect(await run('INSERT INTO r VALUES (9, 20, 900)')).toContain(
      'Key (a)=(20) already exists.',
    );
  });

  test('foreign keys name what was written', async () => {
    await run('CREATE TABLE child (id INT PRIMARY KEY, r INT REFERENCES r)');
    expect(await run('INSERT INTO child VALUES (1, 3)')).toBe('INSERT 0 1');
    expect(await run('INSERT INTO child VALUES (2, 7)')).toContain('ERROR 23503');
    expect(await run('DELETE FROM r WHERE id = 3')).toContain('ERROR 23503');
    expect(await run("UPDATE r SET crdb_region = 'us-east1' WHERE id = 3")).toBe('UPDATE 1');
  });

  test('regions come and go with their partitions, unless rows are at home there', async () => {
    await run('ALTER DATABASE rows ADD REGION "europe-west1"');
    const names =
      "SELECT partition_name FROM [SHOW PARTITIONS FROM TABLE r] WHERE index_name = 'r@i'";
    expect(await run(names)).toBe('europe-west1\nus-east1\nus-west1');
    await run('ALTER DATABASE rows DROP REGION "europe-west1"');
    expect(await run(names)).toBe('us-east1\nus-west1');
    expect(await run('ALTER DATABASE rows DROP REGION "us-west1"')).toBe(
      `ERROR 2BP01 could not remove enum value "us-west1" as it is being used by "r" in row: id=3, a=30, u=300, crdb_region='us-west1'`,
    );
  });

  test('the locality is changed to it and from it', async () => {
    const before = await rows();
    expect(await run('ALTER TABLE r DROP COLUMN crdb_region')).toContain(
      'ERROR 42P10 cannot drop column crdb_region as it is used to store the region',
    );
    await run('ALTER TABLE r RENAME COLUMN crdb_region TO home');
    expect(await engine.show('r')).toContain('LOCALITY REGIONAL BY ROW AS home');
    expect(await run('ALTER TABLE r SET LOCALITY GLOBAL')).toBe('ALTER TABLE SET LOCALITY');
    expect(await run('SHOW PARTITIONS FROM TABLE r')).toBe('');
    expect(await run('SHOW INDEXES FROM r')).not.toContain('home');
    await run('ALTER TABLE r SET LOCALITY REGIONAL BY ROW');
    expect(await rows()).toBe(before.replace('us-west1', 'us-east1'));
    await run('ALTER TABLE r SET LOCALITY REGIONAL BY ROW AS home');
    await run('ALTER TABLE r DROP COLUMN crdb_region');
    await run('ALTER TABLE r RENAME COLUMN home TO crdb_region');
    expect(await rows()).toBe(before);
    expect(await run('SELECT id FROM r WHERE a = 30')).toBe('3');
    expect(await insertWest(3, 9)).toContain('ERROR 23505');
  });

  test('comments on indexes stay with them', async () => {
    await run("COMMENT ON INDEX r@i IS 'kept'; ALTER TABLE r SET LOCALITY GLOBAL");
    expect(
      await run(
        "SELECT comment FROM [SHOW INDEXES FROM r WITH COMMENT] WHERE index_name = 'i' LIMIT 1",
      ),
    ).toBe('kept');
  });

  test('tables without a key, and other columns of regions', async () => {
    await run('CREATE TABLE child (a INT) LOCALITY REGIONAL BY ROW; INSERT INTO child VALUES (1)');
    expect(await run('SELECT crdb_region, a FROM child')).toBe('us-east1|1');
    await run('DROP TABLE child');
    const region = "(CASE WHEN id < 10 THEN 'us-east1':::crdb_internal_region ELSE 'us-west1' END)";
    const table = `(id INT PRIMARY KEY, home crdb_internal_region NOT NULL AS ${region} STORED)`;
    expect(await run(`CREATE TABLE child ${table} LOCALITY REGIONAL BY ROW AS home`)).toBe(
      'CREATE TABLE',
    );
    await run('INSERT INTO child VALUES (1), (11)');
    expect(await run('SELECT home, id FROM child ORDER BY id')).toBe('us-east1|1\nus-west1|11');
  });

  test('hash-sharded indexes are refused, whenever they come', async () => {
    await run('SET experimental_enable_hash_sharded_indexes = on');
    const refusal = 'ERROR 0A000 hash sharded indexes are not compatible with REGIONAL BY ROW';
    const sharded = 'INDEX (a) USING HASH WITH BUCKET_COUNT = 4';
    expect(await run('CREATE INDEX ON r (a) USING HASH WITH BUCKET_COUNT = 4')).toContain(refusal);
    expect(await run(`CREATE TABLE child (a INT, ${sharded}) LOCALITY REGIONAL BY ROW`)).toContain(
      refusal,
    );
    await run(`CREATE TABLE child (a INT, ${sharded})`);
    expect(await run('ALTER TABLE child SET LOCALITY REGIONAL BY ROW')).toContain(refusal);
    expect(await engine.show('r')).not.toContain('shard');
  });

  test.each([
    [
      '(id INT) LOCALITY REGIONAL BY ROW AS x',
      '42703 column "x" in REGIONAL BY ROW AS does not exist',
    ],
    [
      '(id INT, x INT) LOCALITY REGIONAL BY ROW AS x',
      '42P16 cannot use column x which has type INT8 in REGIONAL BY ROW',
    ],
    [
      '(id INT PRIMARY KEY, a INT, crdb_region crdb_internal_region, INDEX (a, crdb_region)) LOCALITY REGIONAL BY ROW',
      '0A000 index "bad_a_crdb_region_idx" of a REGIONAL BY ROW table',
    ],
  ])('CREATE TABLE bad %s', async (definition, error) => {
    expect(await run(`CREATE TABLE bad ${definition}`)).toContain(`ERROR ${error}`);
  });
});
