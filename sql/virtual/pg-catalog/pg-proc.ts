import { floatToRepr } from '../../../catalog/types/float';
import type { TypeFamily } from '../../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  FLOAT4,
  INT4,
  INT8,
  NAME,
  OID,
  OIDVECTOR,
  QCHAR,
  RECORD,
  REGPROC,
  STRING,
  TYPE_ROWS,
} from '../../../catalog/types/table';
import { aggregates } from '../../builtins/aggregates';
import { lookupFunctions } from '../../builtins/catalog-lookups';
import { CONTEXT_FUNCTIONS } from '../../builtins/context-functions';
import type { ArgSpec, ReturnSpec } from '../../builtins/function-row';
import { builtins } from '../../builtins/registry';
import { setReturningRows } from '../../builtins/set-returning';
import { windowFunctions } from '../../builtins/window-functions';
import { functionOid, hashOid, namespaceOid, roleOid } from '../oids';
import { systemTable } from '../system-table';
import { ioFunctions } from './type-io';

/** The type that stands for a family in a signature. */
const FAMILY_OIDS = new Map<string, number>([
  ['string', 25],
  ['int', 20],
  ['float', 701],
  ['oid', 26],
  ['bit', 1562],
  ['array', 2277],
  ['strings', 1009],
  ['element', 2283],
]);
for (const row of TYPE_ROWS) if (!FAMILY_OIDS.has(row.family)) FAMILY_OIDS.set(row.family, row.oid);

const ANYELEMENT_OID = 2283;

const argumentOid = (spec: ArgSpec | TypeFamily): number => FAMILY_OIDS.get(spec) ?? ANYELEMENT_OID;

/** Where the type depends on the arguments, PostgreSQL says `anyelement`. */
const returnOid = (spec: ReturnSpec): number =>
  typeof spec === 'function' ? ANYELEMENT_OID : spec.oid;

interface Signature {
  readonly name: string;
  readonly args: readonly ArgSpec[];
  readonly rest?: ArgSpec;
  readonly returns: ReturnSpec;
}

interface FunctionEntry {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'f' | 'a' | 'w';
  readonly returnsSet: boolean;
  readonly volatility: 'i' | 's' | 'v';
  readonly strict: boolean;
  readonly args: readonly number[];
  readonly variadic: number;
  readonly returns: number;
}

const LETTERS = { immutable: 'i', stable: 's', volatile: 'v' } as const;

function entry(row: Signature, kind: FunctionEntry['kind']): FunctionEntry {
  const dot = row.name.indexOf('.');
  const args = row.args.map(argumentOid);
  const variadic = row.rest === undefined ? 0 : argumentOid(row.rest);
  return {
    oid: functionOid(`${kind} ${row.name}(${row.args.join(',')},${row.rest ?? ''})`),
    schema: dot < 0 ? 'pg_catalog' : row.name.slice(0, dot),
    name: row.name.slice(dot + 1),
    kind,
    returnsSet: false,
    volatility: 'i',
    strict: false,
    args,
    variadic,
    returns: returnOid(row.returns),
  };
}

/** Functions that other code than a row's body answers. */
function signatures(): Signature[] {
  const fromContext = Object.entries(CONTEXT_FUNCTIONS).map(([name, [, returns]]) => ({
    name,
    args: [],
    returns,
  }));
  return [...fromContext, ...lookupFunctions.map((fn) => ({ ...fn, args: fn.keyArgs }))];
}

let made: readonly FunctionEntry[] | undefined;

export function functionEntries(): readonly FunctionEntry[] {
  made ??= [
    ...builtins
      // Rows of the binder's own have names that no one can write.
      .filter((row) => !row.name.includes(' '))
      .map(
        (row): FunctionEntry => ({
          ...entry(row, 'f'),
          volatility: LETTERS[row.volatility],
          strict: row.strict,
        }),
      ),
    ...signatures().map((row): FunctionEntry => ({ ...entry(row, 'f'), volatility: 's' })),
    ...setReturningRows.map(({ columns, ...row }): FunctionEntry => {
      const outputs = columns(row.args.map(() => STRING));
      const returns = (outputs.length === 1 ? outputs[0]?.type : undefined) ?? RECORD;
      return { ...entry({ ...row, returns }, 'f'), returnsSet: true };
    }),
    ...aggregates.map((row) => entry(row, 'a')),
    ...windowFunctions.map((row) => entry(row, 'w')),
    ...ioFunctions().map(({ oid, name }): FunctionEntry => {
      const row = { name, args: ['any' as const], returns: STRING };
      return { ...entry(row, 'f'), oid, volatility: 's', strict: true };
    }),
  ];
  return made;
}

export const pgProc = systemTable({
  schema: 'pg_catalog',
  name: 'pg_proc',
  columns: {
    oid: OID,
    proname: NAME,
    pronamespace: OID,
    proowner: OID,
    prolang: OID,
    procost: FLOAT4,
    prorows: FLOAT4,
    provariadic: OID,
    protransform: STRING,
    proisagg: BOOL,
    proiswindow: BOOL,
    prosecdef: BOOL,
    proleakproof: BOOL,
    proisstrict: BOOL,
    proretset: BOOL,
    provolatile: QCHAR,
    proparallel: QCHAR,
    pronargs: INT8,
    pronargdefaults: INT4,
    prorettype: OID,
    proargtypes: OIDVECTOR,
    proallargtypes: arrayOf(OID),
    proargmodes: arrayOf(QCHAR),
    proargnames: arrayOf(STRING),
    proargdefaults: STRING,
    protrftypes: arrayOf(OID),
    prosrc: STRING,
    probin: STRING,
    proconfig: arrayOf(STRING),
    proacl: arrayOf(STRING),
    prokind: QCHAR,
    prosupport: REGPROC,
  },
  *rows() {
    for (const fn of functionEntries())
      yield {
        oid: fn.oid,
        proname: fn.name,
        pronamespace: namespaceOid(0, fn.schema),
        proowner: roleOid('node'),
        prolang: hashOid('language', 'internal'),
        procost: floatToRepr(1),
        prorows: floatToRepr(0),
        provariadic: fn.variadic,
        proisagg: fn.kind === 'a',
        proiswindow: fn.kind === 'w',
        prosecdef: false,
        proleakproof: fn.volatility === 'i',
        proisstrict: fn.strict,
        proretset: fn.returnsSet,
        provolatile: fn.volatility,
        proparallel: 's',
        pronargs: fn.args.length,
        pronargdefaults: 0,
        prorettype: fn.returns,
        proargtypes: fn.args,
        prosrc: fn.name,
        prokind: fn.kind,
        prosupport: 0,
      };
  },
});
