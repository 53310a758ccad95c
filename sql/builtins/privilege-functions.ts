import { SqlError } from '../../base/errors';
import { BOOL, OID } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { bool, udf } from './rows';

/** What `has_…_privilege` is made of: rights come as text from a look-up (sql/virtual/rights.ts), names of privileges from the client. */

export type RightsKind = 'relation' | 'sequence' | 'schema' | 'database' | 'type' | 'role' | 'any';

/** Privileges as PostgreSQL names them, and any one of CockroachDB's that gives them. Source: CockroachDB v21.2. */
const MEANING: Readonly<Record<RightsKind, Readonly<Record<string, string>>>> = {
  relation: {
    SELECT: 'SELECT',
    INSERT: 'INSERT',
    UPDATE: 'UPDATE',
    DELETE: 'DELETE',
    TRUNCATE: 'DELETE',
    REFERENCES: 'SELECT',
    TRIGGER: 'CREATE',
    RULE: 'RULE',
  },
  sequence: { USAGE: 'USAGE', SELECT: 'SELECT', UPDATE: 'UPDATE' },
  schema: { CREATE: 'CREATE', USAGE: 'USAGE' },
  database: { CREATE: 'CREATE', CONNECT: 'CONNECT', TEMPORARY: 'CREATE', TEMP: 'CREATE' },
  type: { USAGE: 'USAGE' },
  role: { USAGE: 'USAGE', MEMBER: 'USAGE' },
  any: { EXECUTE: 'USAGE', USAGE: 'USAGE', CREATE: 'USAGE' },
};

/** @throws SqlError invalidParameterValue (22023) */
function holds(kind: string, rights: string, wanted: string): bigint {
  const meaning = MEANING[kind as RightsKind];
  const held = new Set(rights.split(','));
  const has = (privilege: string): boolean => held.has('ALL') || held.has(privilege);
  let found = false;
  for (const part of wanted.split(',')) {
    const [, name = '', grantable] =
      /^\s*(\w+)((?:\s+WITH)?\s+(?:GRANT|ADMIN)\s+OPTION)?\s*$/i.exec(part) ?? [];
    const privilege = meaning[name.toUpperCase()];
    if (privilege === undefined) {
      throw new SqlError('invalidParameterValue', `unrecognized privilege type: "${part.trim()}"`);
    }
    found ||= has(privilege) && (grantable === undefined || has('GRANT'));
  }
  return bool(found);
}

export const HOLDS = udf('holds privilege', ['string', 'string', 'string'], BOOL, holds);

export const HAS_RIGHT = udf(
  'has right',
  ['string', 'string'],
  BOOL,
  (rights: string, wanted: string) =>
    bool(rights.toUpperCase().split(',').includes(wanted.toUpperCase())),
);

const fails =
  (message: (name: string) => string, code: 'invalidCatalogName' | 'undefinedObject') =>
  (name: string): never => {
    throw new SqlError(code, message(name));
  };

export const NO_DATABASE = udf(
  'no database',
  ['string'],
  OID,
  fails((name) => `database "${name}" does not exist`, 'invalidCatalogName'),
);

export const privilegeBuiltins: readonly FunctionRow[] = [HOLDS, HAS_RIGHT, NO_DATABASE];

/** Of each function, what it is about. `any`: everybody may use what there is. */
export const PRIVILEGE_FUNCTIONS: ReadonlyMap<string, RightsKind> = new Map([
  ['has_any_column_privilege', 'relation'],
  ['has_column_privilege', 'relation'],
  ['has_table_privilege', 'relation'],
  ['has_sequence_privilege', 'sequence'],
  ['has_schema_privilege', 'schema'],
  ['has_database_privilege', 'database'],
  ['has_type_privilege', 'type'],
  ['pg_has_role', 'role'],
  ['has_function_privilege', 'any'],
  ['has_language_privilege', 'any'],
  ['has_tablespace_privilege', 'any'],
  ['has_foreign_data_wrapper_privilege', 'any'],
  ['has_server_privilege', 'any'],
]);
