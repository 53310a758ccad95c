import { describePsql, OothecaProcess } from '../support/ootheca-process';

/** Builtins that need a catalog, a session or the query threads. */

describePsql('builtins over the wire', () => {
  let server: OothecaProcess;
  const sql = (statement: string): string =>
    server.psql('defaultdb', [statement], ['-A', '-t']).trim();

  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
    sql("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')");
    sql('CREATE SEQUENCE sq');
    sql(
      "CREATE TABLE t (id INT PRIMARY KEY DEFAULT nextval('sq'), m mood DEFAULT 'ok', g GEOMETRY, iv INTERVAL DAY, tz TIMETZ(1), at TIMESTAMPTZ)",
    );
    sql(
      "INSERT INTO t (g, iv, tz, at) VALUES ('SRID=4326;POINT(1 2)', '1 day 05:00', '10:00:00.55+02', 'now')",
    );
  });
  afterAll(async () => {
    await server?.stop();
  });

  test.each([
    ["SELECT set_config('application_name', 'x', false)", 'SHOW application_name', 'x', 'x'],
    ["SELECT set_config('application_name', 'y', true)", 'SHOW application_name', 'y', 'psql'],
    [
      "SELECT pg_catalog.set_config('search_path', '', false), set_config('timezone', 'Asia/Tokyo', false)",
      "SELECT current_setting('search_path'), current_setting('timezone')",
      '|Asia/Tokyo',
      '|Asia/Tokyo',
    ],
  ])('%s; %s', (change, show, value, shown) => {
    const result = server.psql('defaultdb', [change, show], ['-A', '-t', '-q']).trim().split('\n');
    expect(result).toEqual([value, shown]);
  });

  test('set_config in a block, local to it', () => {
    const statements = ['BEGIN', "SELECT set_config('application_name', 'y', true)"];
    const show = 'SHOW application_name';
    const result = server.psql(
      'defaultdb',
      [...statements, show, 'COMMIT', show],
      ['-A', '-t', '-q'],
    );
    expect(result.trim().split('\n')).toEqual(['y', 'y', 'psql']);
  });

  test.each([
    "SELECT set_config('application_name', 'x', false) FROM t",
    "SELECT set_config('application_name', 'x', false), current_setting('application_name')",
    "SELECT CASE WHEN false THEN set_config('application_name', 'x', false) END",
    "CREATE VIEW v AS SELECT set_config('application_name', 'x', false)",
    "INSERT INTO t (id) SELECT length(set_config('application_name', 'x', false))",
    "SELECT * FROM [SELECT set_config('application_name', 'x', false)]",
    "SELECT set_config('database', 'nosuch', false)",
  ])('refused: %s', (statement) => {
    expect(() => sql(statement)).toThrow(/set_config\(\).* not supported/);
  });

  test('EXPLAIN does not set, EXPLAIN ANALYZE does', () => {
    const shown = (explain: string) => {
      const change = `${explain} SELECT set_config('application_name', 'x', false)`;
      const lines = server.psql('defaultdb', [change, 'SHOW application_name'], ['-A', '-t', '-q']);
      return lines.trim().split('\n').at(-1);
    };
    expect([shown('EXPLAIN'), shown('EXPLAIN ANALYZE')]).toEqual(['psql', 'x']);
  });

  test.each([
    ['SELECT enum_range(m), enum_first(m) FROM t', '{sad,ok,happy}|sad'],
    ['SELECT st_asgeojson(g), st_srid(g) FROM t', '{"type":"Point","coordinates":[1,2]}|4326'],
    ['SELECT iv, tz FROM t', '1 day|10:00:00.6+02:00'],
    ["SELECT at <= now() AND at > now() - INTERVAL '1 hour' FROM t", 't'],
    ["SELECT count(*) FROM t WHERE at > 'yesterday' AND at < 'tomorrow'", '1'],
    ["SELECT pg_get_serial_sequence('t', 'id')", 'public.sq'],
    ["SELECT 'public'::REGNAMESPACE, 'root'::REGROLE, 'now'::REGPROC", 'public|root|now'],
    [
      "SELECT to_regrole('root'), to_regrole('nobody') IS NULL, to_regtype('nope') IS NULL",
      'root|t|t',
    ],
    ["SELECT to_regnamespace('public'), to_regproc('lower')", 'public|lower'],
    ['SELECT crdb_internal.is_admin()', 't'],
    ["SELECT pg_get_function_identity_arguments('now'::REGPROC)", ''],
    ["SELECT crdb_internal.force_retry('0s')", '0'],
    ["SELECT pg_sequence_parameters('sq'::REGCLASS)", '(1,1,9223372036854775807,1,f,1,20)'],
    ["SELECT pg_sequence_last_value('sq'::REGCLASS)", '1'],
    [
      "SELECT crdb_internal.get_namespace_id(50, 29, 't') = 't'::REGCLASS::INT, crdb_internal.get_namespace_id(0, 0, 'defaultdb'), crdb_internal.get_database_id('defaultdb')",
      't|50|50',
    ],
    ['SELECT crdb_internal.cluster_id() = crdb_internal.cluster_id()', 't'],
    ["SELECT pg_database_size(50) = pg_database_size('defaultdb')", 't'],
    [
      "SELECT information_schema._pg_index_position(indexrelid, 1) FROM pg_index WHERE indrelid = 't'::REGCLASS",
      '1',
    ],
  ])('%s', (statement, answer) => {
    expect(sql(statement)).toBe(answer);
  });
});
