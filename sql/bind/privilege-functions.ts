import type { SqlType } from '../../catalog/types/sql-type';
import {
  BOOL,
  INT8,
  OID,
  REGCLASS,
  REGNAMESPACE,
  REGROLE,
  REGTYPE,
  STRING,
} from '../../catalog/types/table';
import { COALESCE } from '../builtins/control';
import {
  HAS_RIGHT,
  HOLDS,
  NO_DATABASE,
  PRIVILEGE_FUNCTIONS,
  type RightsKind,
} from '../builtins/privilege-functions';
import { type Binder, knownType, settle } from './binder';
import { call } from './calls';
import { lookUp, regFromText } from './catalog-functions';
import type { Expr } from './expr';
import { type Bound, constant } from './untyped';

/** `has_…_privilege`, `pg_has_role`, `crdb_internal.is_admin`: the rights on an object are looked up, then asked. */

/** As sql/virtual/rights.ts numbers them. */
const KINDS = {
  relation: 1,
  sequence: 1,
  schema: 2,
  database: 3,
  type: 4,
  role: 5,
  any: 0,
} as const;
const OPTION_KIND = 6n;

const REG_TYPES: Readonly<Partial<Record<RightsKind, SqlType>>> = {
  relation: REGCLASS,
  sequence: REGCLASS,
  schema: REGNAMESPACE,
  type: REGTYPE,
  role: REGROLE,
};

/** Arguments between the object and the privilege. */
const COLUMN_ARGUMENTS: ReadonlyMap<string, number> = new Map([['has_column_privilege', 1]]);

/** @returns undefined when `name` is no such function or takes other arguments */
export function bindPrivilegeFunction(
  binder: Binder,
  name: string,
  args: readonly Bound[],
): Expr | undefined {
  if (binder.context.lookupTable === undefined) return undefined;
  if (name === 'crdb_internal.is_admin' && args.length === 0) return isAdmin(binder);
  if (name === 'crdb_internal.has_role_option') return hasRoleOption(binder, args);
  const kind = PRIVILEGE_FUNCTIONS.get(name);
  if (kind === undefined) return undefined;
  const between = COLUMN_ARGUMENTS.get(name) ?? 0;
  const hasUser = args.length === 3 + between;
  if (!hasUser && args.length !== 2 + between) return undefined;
  const [user, object] = hasUser ? args : [undefined, args[0]];
  const wanted = settle(binder, args.at(-1) ?? { kind: 'null' }, STRING);
  if (wanted.type.family !== 'string' || object === undefined) return undefined;
  if (kind === 'any') return call(HOLDS, BOOL, [text(kind), text('USAGE'), wanted]);
  const oid = objectOid(binder, object, kind);
  if (oid === undefined) return undefined;
  const key = [constant(INT8, BigInt(KINDS[kind])), oid];
  const role = user === undefined ? undefined : objectOid(binder, user, 'role');
  const rights =
    user === undefined
      ? lookUp(binder, 'rights', key, STRING)
      : role && lookUp(binder, 'roleRights', [role, ...key], STRING);
  return rights && call(HOLDS, BOOL, [text(kind), rights, wanted]);
}

const text = (value: string): Expr => constant(STRING, value);

/** By OID, or by name: then it has to be there. */
function objectOid(binder: Binder, object: Bound, kind: RightsKind): Expr | undefined {
  const family = knownType(binder, object)?.family;
  if (family === 'oid' || family === 'int') return settle(binder, object, OID);
  const name = settle(binder, object, STRING);
  if (name.type.family !== 'string') return undefined;
  if (kind === 'database') {
    const found = lookUp(binder, 'databaseOids', [name], OID);
    return call(COALESCE, OID, [found, call(NO_DATABASE, OID, [name])]);
  }
  const type = REG_TYPES[kind];
  return type === undefined ? undefined : regFromText(binder, name, type);
}

function optionRights(binder: Binder): Expr {
  return lookUp(binder, 'rights', [constant(INT8, OPTION_KIND), constant(OID, 0n)], STRING);
}

function hasRoleOption(binder: Binder, args: readonly Bound[]): Expr | undefined {
  const [option, ...others] = args;
  if (option === undefined || others.length > 0) return undefined;
  return call(HAS_RIGHT, BOOL, [optionRights(binder), settle(binder, option, STRING)]);
}

/** Admins are those that have the role `admin`. */
function isAdmin(binder: Binder): Expr {
  const found = lookUp(binder, 'settingValues', [text('is_superuser')], STRING);
  return call(HAS_RIGHT, BOOL, [found, text('on')]);
}
