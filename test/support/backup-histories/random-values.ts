import type { Random } from '../fuzz/random';

/** Types of columns, and values of them as SQL. */

export interface RandomType {
  readonly name: string;
  /** May be a column of an ordinary index, and of a primary key. */
  readonly isKey: boolean;
  /** May be a column of an ordinary index alone. */
  readonly isIndexed?: boolean;
  /** May have an inverted index. */
  readonly isInverted?: boolean;
  readonly value: (random: Random) => string;
}

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.below(10)).join('');

const word = (random: Random): string =>
  random.pick(['', 'a', 'b', 'ab', 'ünï', '😀', 'a  ', 'Z', 'zz', `w${random.below(50)}`]);

const text = (random: Random): string =>
  `'${random.chance(0.05) ? word(random).repeat(40) : word(random)}'`;

const hex = (random: Random, bytes: number): string =>
  Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, '0')).join('');

const integer = (random: Random, extremes: readonly string[]): string =>
  random.chance(0.1) ? random.pick(extremes) : String(random.below(400) - 200);

const decimal = (random: Random): string =>
  random.pick([
    () => `${random.below(100)}.${digits(random, 1 + random.below(4))}`,
    () => `-${random.below(1000)}`,
    () => `${random.below(9) + 1}e${random.below(60) - 30}`,
    () => random.pick(['0', '0.00', '-0.0', '100', '1.10']),
    () => random.pick(["'NaN'::DECIMAL", "'Infinity'::DECIMAL", "'-Infinity'::DECIMAL"]),
  ])();

const day = (random: Random): string =>
  `20${digits(random, 2)}-0${1 + random.below(9)}-${10 + random.below(18)}`;
const clock = (random: Random): string =>
  `${random.chance(0.5) ? '0' : '1'}${random.below(10)}:${10 + random.below(49)}:${10 + random.below(49)}.${digits(random, random.below(7)) || '0'}`;

const json = (random: Random, depth = 0): string => {
  const leaf = () =>
    random.pick([
      'null',
      'true',
      'false',
      String(random.below(100) - 50),
      `${random.below(9)}.${digits(random, 2)}`,
      `"${word(random)}"`,
      '[]',
      '{}',
    ]);
  if (depth > 2 || random.chance(0.4)) return leaf();
  const parts = random.list(0, 3, () => json(random, depth + 1));
  return random.chance(0.5)
    ? `[${parts.join(', ')}]`
    : `{${parts.map((part, i) => `"${random.pick(['a', 'b', 'k', ''])}${i}": ${part}`).join(', ')}}`;
};

const array = (name: string, element: (random: Random) => string) => (random: Random) =>
  `ARRAY[${random.list(0, 4, () => (random.chance(0.15) ? 'NULL' : element(random))).join(', ')}]:::${name}[]`;

const INT8 = ['9223372036854775807', '(-9223372036854775808)', '0', '65536', '(-1)'];
const LABELS = ["'sad'", "'ok'", "'happy'"];

export const TYPES: readonly RandomType[] = [
  { name: 'INT8', isKey: true, value: (random) => integer(random, INT8) },
  { name: 'INT4', isKey: true, value: (random) => integer(random, ['2147483647', '-2147483648']) },
  { name: 'INT2', isKey: true, value: (random) => integer(random, ['32767', '-32768']) },
  { name: 'STRING', isKey: true, value: text },
  { name: 'VARCHAR(200)', isKey: true, value: text },
  { name: 'CHAR(9)', isKey: true, value: (random) => `'${word(random)}'` },
  { name: 'NAME', isKey: true, value: (random) => `'${word(random)}'` },
  { name: '"char"', isKey: true, value: (random) => random.pick(["'x'", "'é'", "''"]) },
  { name: 'STRING(40)', isKey: true, value: (random) => `'${word(random)}'` },
  { name: 'BYTES', isKey: true, value: (random) => `'\\x${hex(random, random.below(6))}'` },
  { name: 'BOOL', isKey: true, value: (random) => random.pick(['true', 'false']) },
  { name: 'DECIMAL', isKey: true, value: decimal },
  {
    name: 'DECIMAL(12,3)',
    isKey: true,
    value: (random) => `${random.below(2000) - 1000}.${digits(random, 3)}`,
  },
  {
    name: 'FLOAT8',
    isKey: true,
    value: (random) =>
      // A zero of a descending primary key comes back as -0, as in CockroachDB.
      random.pick(["'NaN'", "'Infinity'", '-0.0', '1.5', '-2.25e10', '5e-324', '1e300']),
  },
  { name: 'FLOAT4', isKey: true, value: (random) => random.pick(['-0.0', '1.5', '-3.25', '1e10']) },
  { name: 'DATE', isKey: true, value: (random) => `'${day(random)}'` },
  { name: 'TIME', isKey: true, value: (random) => `'${clock(random)}'` },
  { name: 'TIME(2)', isKey: true, value: (random) => `'${clock(random)}'` },
  {
    name: 'TIMETZ',
    isKey: true,
    value: (random) => `'${clock(random)}${random.pick(['+00', '-08:30', '+14'])}'`,
  },
  { name: 'TIMETZ(3)', isKey: true, value: (random) => `'${clock(random)}-03'` },
  { name: 'TIMESTAMP(0)', isKey: true, value: (random) => `'${day(random)} ${clock(random)}'` },
  { name: 'TIMESTAMP', isKey: true, value: (random) => `'${day(random)} ${clock(random)}'` },
  {
    name: 'TIMESTAMPTZ(3)',
    isKey: true,
    value: (random) => `'${day(random)} ${clock(random)}+02'`,
  },
  {
    name: 'INTERVAL',
    isKey: true,
    value: (random) =>
      `'${random.below(9) - 4} years ${random.below(40)} days ${random.below(99)} minutes 0.${digits(random, 3)} seconds'`,
  },
  {
    name: 'INTERVAL DAY TO SECOND(2)',
    isKey: true,
    value: (random) => `'${random.below(90)} days 0.${digits(random, 5)} seconds'`,
  },
  { name: 'REGCLASS', isKey: true, value: () => "'pg_class'::REGCLASS" },
  {
    name: 'UUID',
    isKey: true,
    value: (random) =>
      `'${hex(random, 4)}-${hex(random, 2)}-${hex(random, 2)}-${hex(random, 2)}-${hex(random, 6)}'`,
  },
  {
    name: 'INET',
    isKey: true,
    value: (random) =>
      random.pick([
        `'10.0.${random.below(256)}.1'`,
        `'10.${random.below(9)}.0.0/16'`,
        `'2001:db8::${random.below(99)}/64'`,
        "'::1'",
      ]),
  },
  {
    name: 'VARBIT',
    isKey: true,
    value: (random) => `B'${random.list(0, 70, () => random.below(2)).join('')}'`,
  },
  {
    name: 'BIT(4)',
    isKey: true,
    value: (random) => `B'${random.list(4, 4, () => random.below(2)).join('')}'`,
  },
  { name: 'OID', isKey: true, value: (random) => String(random.below(4_294_967_295)) },
  { name: 'mood', isKey: true, value: (random) => random.pick(LABELS) },
  { name: 's.color', isKey: true, value: (random) => random.pick(["'r'", "'g'", "'b'"]) },
  {
    // In a descending primary key a coordinate of 0 comes back as -0, as in CockroachDB.
    name: 'BOX2D',
    isKey: false,
    isIndexed: true,
    value: (random) => `'BOX(${random.below(9)} 0,${9 + random.below(9)} 1)'`,
  },
  {
    name: 'GEOMETRY',
    isKey: false,
    isInverted: true,
    value: (random) => `'POINT(${random.below(99)} ${random.below(99)}.5)'`,
  },
  {
    name: 'GEOMETRY(POINT,4326)',
    isKey: false,
    value: (random) => `'SRID=4326;POINT(${random.below(99)} -${random.below(9)}.25)'`,
  },
  {
    name: 'GEOGRAPHY',
    isKey: false,
    isInverted: true,
    value: (random) => `'LINESTRING(0 0, ${random.below(90)} ${random.below(80)})'`,
  },
  { name: 'JSONB', isKey: false, isInverted: true, value: (random) => `'${json(random)}'` },
  {
    name: 'STRING COLLATE de',
    isKey: false,
    isIndexed: true,
    value: (random) => `${text(random)} COLLATE de`,
  },
  {
    name: 'INT8[]',
    isKey: false,
    isInverted: true,
    value: array('INT8', (random) => integer(random, INT8)),
  },
  { name: 'STRING[]', isKey: false, isInverted: true, value: array('STRING', text) },
  { name: 'VARCHAR(200)[]', isKey: false, value: array('VARCHAR', text) },
  {
    name: 'DECIMAL[]',
    isKey: false,
    value: array('DECIMAL', (random) => decimal(random).replace('::DECIMAL', '')),
  },
  {
    name: 'BOOL[]',
    isKey: false,
    value: array('BOOL', (random) => random.pick(['true', 'false'])),
  },
  {
    name: 'UUID[]',
    isKey: false,
    value: array('UUID', (random) => `'${hex(random, 4)}-0000-0000-0000-${hex(random, 6)}'`),
  },
  {
    name: 'FLOAT8[]',
    isKey: false,
    value: array('FLOAT8', (random) =>
      random.pick(['1.5', '-0.0', '1e300', "'-Infinity'", "'NaN'"]),
    ),
  },
  {
    name: 'BYTES[]',
    isKey: false,
    value: array('BYTES', (random) => `'\\x${hex(random, random.below(4))}'`),
  },
  {
    name: 'INET[]',
    isKey: false,
    value: array('INET', (random) => random.pick(["'::1'", "'10.0.0.0/8'"])),
  },
  {
    name: 'INTERVAL[]',
    isKey: false,
    value: array('INTERVAL', (random) => `'${random.below(9)} mons'`),
  },
  {
    name: 'VARBIT[]',
    isKey: false,
    value: array('VARBIT', (random) => random.pick(["B''", "B'101'"])),
  },
  { name: 'TIMESTAMP[]', isKey: false, value: array('TIMESTAMP', (random) => `'${day(random)}'`) },
  { name: 'mood[]', isKey: false, value: array('mood', (random) => random.pick(LABELS)) },
];
