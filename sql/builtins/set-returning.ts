import type { SqlType } from '../../catalog/types/sql-type';
import {
  BOOL,
  INT8,
  JSONB,
  OID,
  REGCLASS,
  STRING,
  TIMESTAMP,
  TIMESTAMPTZ,
} from '../../catalog/types/table';
import type { ArgSpec } from './function-row';

/** Set-returning functions: SQLite table-valued functions (execute/table-functions.ts) under typed signatures. */

export interface SetReturningRow {
  readonly name: string;
  readonly args: readonly ArgSpec[];
  readonly rest?: ArgSpec;
  readonly preferred?: boolean;
  readonly mixedArrays?: boolean;
  /** The table-valued function. Its columns are o1, o2 …; the last one is the ordinality. */
  readonly sqliteName: string;
  readonly columns: (args: readonly SqlType[]) => readonly SetColumn[];
  /** Each argument is preceded by its type, for functions that have to decode. */
  readonly passesTypes: boolean;
  /** Columns of the table-valued function, where they are more than those of the call. */
  readonly width?: number;
  /** The session's time zone follows the arguments. */
  readonly inZone?: true;
}

export interface SetColumn {
  readonly name: string;
  readonly type: SqlType;
}

function row(
  name: string,
  args: readonly ArgSpec[],
  sqliteName: string,
  columns: readonly SetColumn[],
): SetReturningRow {
  return { name, args, sqliteName, columns: () => columns, passesTypes: false };
}

const one = (name: string, type: SqlType): readonly SetColumn[] => [{ name, type }];

/** Arrays that one unnest may take. */
export const UNNEST_ARRAYS_MAX = 8;

/** Limits of set-returning functions that give their rows side by side. */
export const ROWS_ARGUMENTS_MAX = 24;
export const ROWS_COLUMNS_MAX = 16;

function jsonRows(prefix: 'json' | 'jsonb'): SetReturningRow[] {
  const key = { name: 'key', type: STRING };
  return [
    row(`${prefix}_array_elements`, ['json'], 's_json_elements', one('value', JSONB)),
    row(`${prefix}_array_elements_text`, ['json'], 's_json_elements_text', one('value', STRING)),
    row(`${prefix}_object_keys`, ['json'], 's_json_keys', one(`${prefix}_object_keys`, STRING)),
    row(`${prefix}_each`, ['json'], 's_json_each', [key, { name: 'value', type: JSONB }]),
    row(`${prefix}_each_text`, ['json'], 's_json_each_text', [
      key,
      { name: 'value', type: STRING },
    ]),
  ];
}

export const setReturningRows: readonly SetReturningRow[] = [
  row('generate_series', ['int', 'int'], 's_series', one('generate_series', INT8)),
  row('generate_series', ['int', 'int', 'int'], 's_series', one('generate_series', INT8)),
  row(
    'generate_series',
    ['timestamp', 'timestamp', 'interval'],
    's_time_series',
    one('generate_series', TIMESTAMP),
  ),
  // No table is a partition of another.
  row('pg_partition_ancestors', ['oid'], 's_none', one('relid', REGCLASS)),
  row('pg_partition_tree', ['oid'], 's_none', one('relid', REGCLASS)),
  {
    name: 'unnest',
    args: ['array'],
    rest: 'array',
    mixedArrays: true,
    sqliteName: 's_unnest',
    columns: (args) => args.map((type) => ({ name: 'unnest', type: type.element ?? STRING })),
    passesTypes: true,
    width: UNNEST_ARRAYS_MAX,
  },
  ...(['array', 'array int', 'array int bool'] as const).map(
    (args): SetReturningRow => ({
      ...row(
        'generate_subscripts',
        args.split(' ') as ArgSpec[],
        's_subscripts',
        one('generate_subscripts', INT8),
      ),
      passesTypes: true,
    }),
  ),
  {
    name: 'information_schema._pg_expandarray',
    args: ['array'],
    sqliteName: 's_expand_array',
    columns: ([type]) => [
      { name: 'x', type: type?.element ?? STRING },
      { name: 'n', type: INT8 },
    ],
    passesTypes: true,
  },
  {
    ...row(
      'generate_series',
      ['timestamptz', 'timestamptz', 'interval'],
      's_zoned_series',
      one('generate_series', TIMESTAMPTZ),
    ),
    inZone: true,
  },
  row(
    'regexp_split_to_table',
    ['string', 'string'],
    's_split',
    one('regexp_split_to_table', STRING),
  ),
  row(
    'regexp_split_to_table',
    ['string', 'string', 'string'],
    's_split',
    one('regexp_split_to_table', STRING),
  ),
  row('aclexplode', ['strings'], 's_none_4', [
    { name: 'grantor', type: OID },
    { name: 'grantee', type: OID },
    { name: 'privilege_type', type: STRING },
    { name: 'is_grantable', type: BOOL },
  ]),
  ...jsonRows('json'),
  ...jsonRows('jsonb'),
];

export function isSetReturning(name: string): boolean {
  return setReturningRows.some((candidate) => candidate.name === name);
}
