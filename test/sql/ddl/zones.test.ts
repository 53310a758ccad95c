import { type DdlEngine, openDdlEngine } from './engine';

/** Zone configurations: kept, inherited and shown. */

let engine: DdlEngine;

beforeEach(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE TABLE t (id INT PRIMARY KEY, a INT, INDEX i (a))');
});
afterEach(async () => {
  await engine?.close();
});

const config = (target: string, changes: readonly string[]): string =>
  `${target}|ALTER ${target} CONFIGURE ZONE USING\n\t${changes.join(',\n\t')}`;

const DEFAULTS = [
  'range_min_bytes = 134217728',
  'range_max_bytes = 536870912',
  'gc.ttlseconds = 90000',
  'num_replicas = 3',
  "constraints = '[]'",
  "lease_preferences = '[]'",
];

const withTtl = (seconds: number): string[] =>
  DEFAULTS.map((line) => (line.startsWith('gc.') ? `gc.ttlseconds = ${seconds}` : line));

const show = (target: string): Promise<string> =>
  engine.run(`SHOW ZONE CONFIGURATION FROM ${target}`);

test('a table inherits from its database, an index from its table', async () => {
  expect(await show('TABLE t')).toBe(config('RANGE default', DEFAULTS));
  expect(
    await engine.run('ALTER DATABASE defaultdb CONFIGURE ZONE USING gc.ttlseconds = 100'),
  ).toBe('CONFIGURE ZONE 1');
  expect(await show('INDEX t@i')).toBe(config('DATABASE defaultdb', withTtl(100)));
  await engine.run('ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 600');
  expect(await show('INDEX t@i')).toBe(config('TABLE t', withTtl(600)));
  await engine.run('ALTER INDEX t@i CONFIGURE ZONE USING gc.ttlseconds = 60');
  expect(await show('INDEX t@i')).toBe(config('INDEX t@i', withTtl(60)));
  expect(await engine.run('SHOW ZONE CONFIGURATIONS')).toContain(
    config('TABLE defaultdb.public.t', ['gc.ttlseconds = 600']),
  );
  expect(await engine.run('ALTER TABLE t CONFIGURE ZONE DISCARD')).toBe('CONFIGURE ZONE 1');
  expect(await engine.run('ALTER TABLE t CONFIGURE ZONE DISCARD')).toBe('CONFIGURE ZONE 0');
  expect(await show('TABLE t')).toBe(config('DATABASE defaultdb', withTtl(100)));
  await engine.run('ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = COPY FROM PARENT');
  await engine.run('ALTER DATABASE defaultdb CONFIGURE ZONE USING gc.ttlseconds = 5');
  expect(await show('TABLE t')).toBe(config('TABLE t', withTtl(100)));
});

test('ranges of the system have zones of their own, the default one is everybody’s', async () => {
  expect(await show('RANGE meta')).toContain('gc.ttlseconds = 3600,\n\tnum_replicas = 5');
  expect(await engine.run('ALTER RANGE default CONFIGURE ZONE USING num_replicas = 1')).toBe(
    'CONFIGURE ZONE 1',
  );
  expect(await show('TABLE t')).toContain('num_replicas = 1');
  expect(await show('RANGE meta')).toContain('num_replicas = 5');
  await engine.run('ALTER RANGE meta CONFIGURE ZONE DISCARD');
  expect(await show('RANGE meta')).toMatch(/^RANGE default\|.*num_replicas = 1/s);
});

test('zones go with what they were for', async () => {
  await engine.run("ALTER INDEX i CONFIGURE ZONE USING constraints = '[-region=x]'");
  expect(await engine.run('SHOW ZONE CONFIGURATIONS')).toContain("constraints = '[-region=x]'");
  await engine.run('DROP INDEX t@i');
  expect(engine.read('SELECT count(*) FROM zones')).toEqual([[0n]]);
  await engine.run('ALTER TABLE t CONFIGURE ZONE USING num_replicas = 5; DROP TABLE t');
  expect(engine.read('SELECT count(*) FROM zones')).toEqual([[0n]]);
});

test('a block that is rolled back configures nothing', async () => {
  await engine.run('BEGIN; ALTER TABLE t CONFIGURE ZONE USING gc.ttlseconds = 7');
  expect(await show('TABLE t')).toBe(config('TABLE t', withTtl(7)));
  await engine.run('ROLLBACK');
  expect(await show('TABLE t')).toBe(config('RANGE default', DEFAULTS));
});

test.each([
  ['TABLE t CONFIGURE ZONE USING nosuch = 1', '22023 unsupported zone config parameter: "nosuch"'],
  [
    'TABLE t CONFIGURE ZONE USING num_replicas = 1, num_replicas = 3',
    '22023 duplicate zone config parameter: "num_replicas"',
  ],
  [
    'TABLE t CONFIGURE ZONE USING num_replicas = 2',
    '23514 could not validate zone config: at least 3 replicas are required for multi-replica configurations',
  ],
  [
    'TABLE t CONFIGURE ZONE USING num_replicas = 0',
    '23514 could not validate zone config: at least one replica is required',
  ],
  [
    'TABLE t CONFIGURE ZONE USING range_max_bytes = 1000',
    '23514 could not validate zone config: RangeMaxBytes 1000 less than minimum allowed 67108864',
  ],
  [
    'TABLE t CONFIGURE ZONE USING gc.ttlseconds = 0',
    '23514 could not validate zone config: GC.TTLSeconds 0 less than minimum allowed 1',
  ],
  [
    `TABLE t CONFIGURE ZONE USING constraints = '{"+region=x": 1}'`,
    '23514 constraint "+region=x" matches no existing nodes within the cluster - did you enter it correctly?',
  ],
  [
    "TABLE t CONFIGURE ZONE USING constraints = '{{'",
    '22023 could not parse zone config constraints "{{"',
  ],
  ['RANGE nosuch CONFIGURE ZONE USING num_replicas = 3', '22023 "nosuch" is not a built-in zone'],
  ['RANGE default CONFIGURE ZONE DISCARD', '23514 cannot remove default zone'],
  ['TABLE nosuch CONFIGURE ZONE DISCARD', '42P01 relation "nosuch" does not exist'],
  ['INDEX t@nosuch CONFIGURE ZONE DISCARD', '42704 index "nosuch" does not exist'],
  ['DATABASE nosuch CONFIGURE ZONE DISCARD', '3D000 database "nosuch" does not exist'],
])('ALTER %s', async (change, error) => {
  expect(await engine.run(`ALTER ${change}`)).toBe(`ERROR ${error}`);
});
