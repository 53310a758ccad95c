import { type Harness, makeHarness } from '../support/harness';

/** Which types are cast to which: everything else is `invalid cast` (42846). Source: v21.2's casts. */

const VALUES = {
  BOOL: 'true',
  INT8: '1',
  FLOAT8: '1.5',
  DECIMAL: '1.5',
  STRING: "'1'",
  BYTES: "'a'",
  DATE: "'2021-01-02'",
  TIME: "'10:00'",
  TIMETZ: "'10:00+01'",
  TIMESTAMP: "'2021-01-02 10:00'",
  TIMESTAMPTZ: "'2021-01-02 10:00'",
  INTERVAL: "'1 day'",
  UUID: "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
  INET: "'1.2.3.4'",
  JSONB: "'1'",
  VARBIT: "'101'",
  OID: '1',
  'INT8[]': 'ARRAY[1]',
  GEOMETRY: "'POINT(1 2)'",
  GEOGRAPHY: "'POINT(1 2)'",
  BOX2D: "'BOX(1 2,3 4)'",
} as const;
type Name = keyof typeof VALUES;
const NAMES = Object.keys(VALUES) as Name[];

/** Besides STRING, which everything is cast to, and the type itself. */
const TARGETS: { readonly [from in Name]: string } = {
  BOOL: 'INT8 FLOAT8 DECIMAL',
  INT8: 'BOOL FLOAT8 DECIMAL DATE TIMESTAMP TIMESTAMPTZ INTERVAL VARBIT OID',
  FLOAT8: 'BOOL INT8 DECIMAL INTERVAL',
  DECIMAL: 'BOOL INT8 FLOAT8 INTERVAL',
  STRING: NAMES.join(' '),
  BYTES: 'UUID GEOMETRY GEOGRAPHY',
  DATE: 'INT8 FLOAT8 DECIMAL TIMESTAMP TIMESTAMPTZ',
  TIME: 'TIMETZ INTERVAL',
  TIMETZ: 'TIME',
  TIMESTAMP: 'INT8 FLOAT8 DECIMAL DATE TIME TIMESTAMPTZ',
  TIMESTAMPTZ: 'INT8 FLOAT8 DECIMAL DATE TIME TIMETZ TIMESTAMP',
  INTERVAL: 'INT8 FLOAT8 DECIMAL TIME',
  UUID: 'BYTES',
  INET: '',
  JSONB: 'BOOL INT8 FLOAT8 DECIMAL GEOMETRY GEOGRAPHY',
  VARBIT: 'INT8',
  OID: 'INT8',
  'INT8[]': '',
  GEOMETRY: 'BYTES JSONB GEOGRAPHY BOX2D',
  GEOGRAPHY: 'BYTES JSONB GEOMETRY',
  BOX2D: 'GEOMETRY',
};

let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

test.each(NAMES)('casts of %s', (from) => {
  const allowed = new Set(TARGETS[from].split(' '));
  const refused = NAMES.filter((to) => {
    try {
      db.bind(`SELECT x::${to} FROM (SELECT ${VALUES[from]}::${from} AS x) q`);
      return false;
    } catch (error) {
      const { sqlstate, message } = error as { sqlstate?: string; message: string };
      expect(sqlstate).toBe('42846');
      expect(message).toMatch(/^invalid cast: \S+ -> \S+$/);
      return true;
    }
  });
  expect(refused).toEqual(NAMES.filter((to) => to !== from && to !== 'STRING' && !allowed.has(to)));
});

test('GeoJSON as a geometry', () => {
  const json = `'{"type":"Point","coordinates":[1,2]}'::JSONB`;
  expect(db.rows(`SELECT st_astext(${json}::GEOMETRY), st_srid(${json}::GEOGRAPHY)`)).toEqual([
    'POINT (1 2)|4326',
  ]);
});
