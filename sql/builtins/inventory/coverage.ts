import { lookupFunctions } from '../catalog-lookups';
import { contextFunction } from '../context-functions';
import { PRIVILEGE_FUNCTIONS } from '../privilege-functions';
import { aggregateRows, functionRows, windowRows } from '../registry';
import { setReturningRows } from '../set-returning';
import { type InventoryFunction, inventory } from './inventory';
import { refusalReason } from './refusals';

/** Which functions of v21.2 are there: compares the inventory with the builtin tables. docs/builtins.md is its text. */

/** Functions of PostgreSQL that v21.2 has not, and that psql 15 and other tools ask for. */
export const BEYOND_V21_2: readonly string[] = [
  'pg_cancel_backend',
  'pg_get_function_sqlbody',
  'pg_get_statisticsobjdef',
  'pg_get_statisticsobjdef_columns',
  'pg_relation_is_publishable',
  'pg_size_pretty',
  'pg_tablespace_location',
  'pg_terminate_backend',
];

/** Bound by code of their own (bind/), whatever their argument types. */
const SPECIAL_FORMS = new Set([
  'coalesce',
  'crdb_internal.has_role_option',
  'crdb_internal.is_admin',
  'currval',
  'format_type',
  'greatest',
  'if',
  'ifnull',
  'json_to_record',
  'json_to_recordset',
  'jsonb_to_record',
  'jsonb_to_recordset',
  'least',
  'nextval',
  'nullif',
  'pg_get_serial_sequence',
  'pg_typeof',
  'row_to_json',
  'set_config',
  'setval',
  'to_regclass',
  'to_regnamespace',
  'to_regproc',
  'to_regprocedure',
  'to_regrole',
  'to_regtype',
]);

const FAMILIES: { readonly [type: string]: string } = {
  anyelement: 'any',
  anyenum: 'enum',
  jsonb: 'json',
  regclass: 'oid',
  varbit: 'bit',
};

function takesType(spec: string | undefined, type: string): boolean {
  if (spec === undefined) return false;
  if (spec === 'any' || spec === 'element') return true;
  if (type.endsWith('[]')) return spec === 'array' || (spec === 'strings' && type === 'string[]');
  const family = FAMILIES[type] ?? type;
  return spec === family;
}

interface Signature {
  readonly args: readonly string[];
  readonly rest?: string;
}

function takes(signature: Signature, overload: readonly string[]): boolean {
  const last = overload.at(-1) ?? '';
  const variadic = last.endsWith('...');
  const fixed = variadic ? overload.slice(0, -1) : overload;
  if (variadic && !takesType(signature.rest, last.slice(0, -3))) return false;
  if (!variadic && signature.rest === undefined && signature.args.length !== fixed.length)
    return false;
  if (signature.args.length > fixed.length && !variadic) return false;
  return fixed.every((type, i) => takesType(signature.args[i] ?? signature.rest, type));
}

function signaturesOf(name: string): Signature[] {
  const lookups = lookupFunctions
    .filter((fn) => fn.name === name)
    .flatMap((fn) =>
      Array.from({ length: fn.ignoredArgs + 1 }, (_, extra) => ({
        args: [...fn.keyArgs, ...Array<string>(extra).fill('any')],
      })),
    );
  const tables = [
    ...functionRows(name),
    ...aggregateRows(name),
    ...windowRows(name),
    ...setReturningRows.filter((row) => row.name === name),
  ];
  const context = contextFunction(name) === undefined ? [] : [{ args: [] }];
  return [...lookups, ...tables, ...context];
}

export interface Coverage {
  readonly fn: InventoryFunction;
  /** Overloads that no row takes. */
  readonly missing: readonly (readonly string[])[];
}

export function coverageOf(fn: InventoryFunction): Coverage {
  if (SPECIAL_FORMS.has(fn.name) || PRIVILEGE_FUNCTIONS.has(fn.name)) return { fn, missing: [] };
  const signatures = signaturesOf(fn.name);
  const missing = fn.overloads.filter(
    (overload) => !signatures.some((signature) => takes(signature, overload)),
  );
  return { fn, missing };
}

const signatureText = (name: string, overload: readonly string[]): string =>
  `\`${name}(${overload.join(', ')})\``;

function refusedLines(entries: readonly Coverage[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { fn, missing } of entries) {
    if (missing.length === 0) continue;
    const whole = missing.length === fn.overloads.length;
    const texts = whole
      ? [`\`${fn.name}\``]
      : missing.map((overload) => signatureText(fn.name, overload));
    const reason = whole ? refusalReason(fn.name) : 'not there yet';
    byReason.set(reason, [...(byReason.get(reason) ?? []), ...texts]);
  }
  return [...byReason].map(([reason, texts]) => `- ${reason}: ${texts.join(', ')}`);
}

function sectionText(category: string, entries: readonly Coverage[]): string {
  const there = entries.filter(({ fn, missing }) => missing.length < fn.overloads.length);
  const names = there.map(({ fn }) => `\`${fn.name}\``).join(', ');
  const refused = refusedLines(entries);
  return [
    `## ${category}: ${there.length} of ${entries.length}`,
    '',
    names === '' ? 'None.' : names,
    '',
    ...(refused.length === 0 ? [] : ['Refused:', '', ...refused, '']),
  ].join('\n');
}

/** The text of docs/builtins.md. */
export function coverageDocument(): string {
  const all = inventory.map(coverageOf);
  const categories = [...new Set(inventory.map((fn) => fn.category))];
  const there = all.filter(({ fn, missing }) => missing.length < fn.overloads.length);
  const sections = categories.map((category) =>
    sectionText(
      category,
      all.filter(({ fn }) => fn.category === category),
    ),
  );
  return [
    '# Builtin functions of CockroachDB v21.2',
    '',
    'Made by `node scripts/builtins-coverage.mjs` from the tables in `sql/builtins/`; a test keeps it up to date.',
    'A function that is refused answers with SQLSTATE 0A000 and its name. One that v21.2 has not answers 42883.',
    '',
    `There: ${there.length} of ${all.length} functions.`,
    '',
    `Besides, because psql 15 and other tools ask for them: ${BEYOND_V21_2.map((name) => `\`${name}\``).join(', ')}.`,
    '',
    ...sections,
  ].join('\n');
}
