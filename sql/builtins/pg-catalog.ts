import { SqlError, type SqlStateName } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import {
  BOOL,
  INT4,
  NAME,
  OID,
  REGCLASS,
  REGNAMESPACE,
  REGPROC,
  REGROLE,
  REGTYPE,
  STRING,
  typeByOid,
} from '../../catalog/types/table';
import { pgTypeName } from '../../catalog/types/type-name';
import { nameKey, splitQualifiedName } from '../bind/qualified-names';
import { formatText } from './format-function';
import type { FunctionRow } from './function-row';
import { PRIVILEGE_FUNCTIONS, privilegeBuiltins } from './privilege-functions';
import { TEXT_CONTEXT } from './repr';
import { bool, factory, native, sameAs, udf } from './rows';

/** PostgreSQL's catalog functions that need no catalog. Those that do are in catalog-lookups.ts. */

const HEADER_BYTES = 4;

function modifierText(type: SqlType, modifier: number): string {
  switch (type.family) {
    case 'string':
      return modifier > HEADER_BYTES && type.oid !== 25 ? `(${modifier - HEADER_BYTES})` : '';
    case 'bit':
      return modifier > 0 ? `(${modifier})` : '';
    case 'decimal': {
      if (modifier < HEADER_BYTES) return '';
      const packed = modifier - HEADER_BYTES;
      return `(${packed >> 16},${packed & 0xffff})`;
    }
    default:
      return '';
  }
}

const TIMES = new Set(['time', 'timetz', 'timestamp', 'timestamptz']);

/** `timestamp(3) without time zone`: the precision stands after the first word. */
function withModifier(type: SqlType, modifier: number): string {
  const name = pgTypeName(type);
  if (!TIMES.has(type.family)) return `${name}${modifierText(type, modifier)}`;
  return modifier < 0 ? name : name.replace(/^\w+/, (word) => `${word}(${modifier})`);
}

function formatType(oid: bigint | null, modifier: bigint | null): string | null {
  if (oid === null) return null;
  if (oid === 0n) return '-';
  const type = typeByOid(Number(oid));
  if (type === undefined) return `unknown (OID=${oid})`;
  const typmod = modifier === null ? -1 : Number(modifier);
  // CockroachDB's STRING(n) has no name in PostgreSQL that would take a length.
  if (type.element === undefined || type.oid === 22 || type.oid === 30)
    return withModifier(type, typmod);
  return `${withModifier(type.element, typmod)}[]`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** As PostgreSQL rounds: the unit changes when 10 of the next one are reached. */
function sizePretty(bytes: bigint): string {
  let size = bytes;
  let unit = 0;
  while ((size < 0n ? -size : size) >= 10_240n && unit < UNITS.length - 1) {
    size = (size + 512n) / 1024n;
    unit++;
  }
  return `${size} ${UNITS[unit]}`;
}

const UTF8 = 6n;

const loose = { strict: false } as const;

const granted = (): bigint => bool(true);

/** Known by name and number of arguments; the binder puts look-ups in their place. */
const privilegeRows = [...PRIVILEGE_FUNCTIONS.keys()].flatMap((name) =>
  [2, 3, 4].map((count) => udf(name, Array<'any'>(count).fill('any'), BOOL, () => null)),
);

/** Definitions of what does not exist here: no trigger, rule or partition has an OID. */
const ABSENT = [
  'pg_get_partition_constraintdef',
  'pg_get_partkeydef',
  'pg_get_ruledef',
  'pg_get_statisticsobjdef',
  'pg_get_statisticsobjdef_columns',
  'pg_get_triggerdef',
  'pg_get_functiondef',
  'pg_get_function_sqlbody',
];

const nothing = (): null => null;

const absentRows = ABSENT.flatMap((name) => [
  udf(name, ['oid'], STRING, nothing),
  udf(name, ['oid', 'bool'], STRING, nothing),
]);

/** Identifiers as look-up tables spell them; made by sql/virtual/lookups.ts, too. */
export const NAME_KEY = udf('name key', ['string'], STRING, (text: string) =>
  nameKey(splitQualifiedName(text)),
);

/** The function's name alone, in lower case: argument types do not tell functions apart here. */
export const FUNCTION_KEY = udf('function key', ['string'], STRING, (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/\s*\(.*\)$/s, '')
    .replace(/^pg_catalog\./, ''),
);

const absent =
  (code: SqlStateName, message: (text: string) => string) =>
  (text: string): never => {
    throw new SqlError(code, message(text));
  };

const noObject = (what: string) => (text: string) => `${what} "${text}" does not exist`;

/** What a text that names nothing gives when it is cast to REGCLASS, REGTYPE …: an error. */
export const NO_RELATION = udf(
  'no relation',
  ['string'],
  REGCLASS,
  absent('undefinedTable', noObject('relation')),
);
export const NO_TYPE = udf(
  'no type',
  ['string'],
  REGTYPE,
  absent('undefinedObject', noObject('type')),
);
export const NO_NAMESPACE = udf(
  'no namespace',
  ['string'],
  REGNAMESPACE,
  absent('undefinedObject', noObject('namespace')),
);
export const NO_ROLE = udf(
  'no role',
  ['string'],
  REGROLE,
  absent('undefinedObject', noObject('role')),
);
export const NO_FUNCTION = udf(
  'no function',
  ['string'],
  REGPROC,
  absent('undefinedFunction', (text) => `unknown function: ${text}()`),
);

/** An OID cast to REGCLASS, REGTYPE …: the number stays. */
export const AS_REG_TYPE = native('as reg type', ['oid'], sameAs(0), ([oid]) => `${oid}`);

export const pgCatalogBuiltins: readonly FunctionRow[] = [
  NAME_KEY,
  FUNCTION_KEY,
  NO_FUNCTION,
  NO_NAMESPACE,
  NO_RELATION,
  NO_ROLE,
  NO_TYPE,
  ...privilegeRows,
  ...privilegeBuiltins,
  ...absentRows,
  udf('format_type', ['oid', 'int'], STRING, formatType, loose),
  native('pg_get_expr', ['string', 'oid'], STRING, ([text]) => `${text}`),
  native('pg_get_expr', ['string', 'oid', 'bool'], STRING, ([text]) => `${text}`),
  udf('getdatabaseencoding', [], NAME, () => 'UTF8'),
  udf('pg_char_to_encoding', ['string'], INT4, (name: string) =>
    /^utf-?8$/i.test(name) ? UTF8 : -1n,
  ),
  factory('format', ['string'], STRING, formatText, {
    rest: 'any',
    strict: false,
    volatility: 'stable',
    context: TEXT_CONTEXT,
  }),
  udf('pg_size_pretty', ['int'], STRING, sizePretty),
  udf('pg_my_temp_schema', [], OID, () => 0n),
  udf('pg_is_other_temp_schema', ['oid'], BOOL, () => bool(false)),
  udf('pg_collation_is_visible', ['oid'], BOOL, granted),
  udf('pg_conversion_is_visible', ['oid'], BOOL, granted),
  udf('pg_opfamily_is_visible', ['oid'], BOOL, granted),
  udf('pg_relation_is_publishable', ['oid'], BOOL, () => bool(false)),
  udf('pg_operator_is_visible', ['oid'], BOOL, granted),
  udf('pg_opclass_is_visible', ['oid'], BOOL, granted),
  udf('pg_statistics_obj_is_visible', ['oid'], BOOL, granted),
  udf('pg_ts_config_is_visible', ['oid'], BOOL, granted),
  udf('pg_relation_is_updatable', ['oid', 'bool'], INT4, () => 0n),
  udf('pg_column_is_updatable', ['oid', 'int', 'bool'], BOOL, granted),
  udf('pg_tablespace_location', ['oid'], STRING, () => ''),
];
