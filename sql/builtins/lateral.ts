import type { SqlType } from '../../catalog/types/sql-type';
import { sqliteColumn } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { native, sameAs } from './rows';

/** Columns of LATERAL queries, whose rows come as JSON arrays. */

type Travel = 'plain' | 'hex' | 'float';

/** JSON has no BLOBs, and SQLite's loses the sign of zero, the only REAL among floats. */
function travelOf(type: SqlType): Travel {
  if (type.family === 'float') return 'float';
  return sqliteColumn(type).type === 'BLOB' ? 'hex' : 'plain';
}

/** A value as it goes into the JSON. */
export function lateralValue(text: string, type: SqlType): string {
  const travel = travelOf(type);
  if (travel === 'hex') return `iif(${text} IS NULL, NULL, hex(${text}))`;
  return travel === 'float' ? `iif(typeof(${text}) = 'real', 'z', ${text})` : text;
}

const rows = new Map<string, FunctionRow>();

/** The value of the n-th column (0-based), the same row for the same column. */
export function lateralColumn(index: number, type: SqlType): FunctionRow {
  const travel = travelOf(type);
  const name = `lateral ${index} ${travel}`;
  const known = rows.get(name);
  if (known !== undefined) return known;
  const made = native(name, ['any'], sameAs(0), ([row]) => {
    const value = `json_extract(${row}, '$[${index}]')`;
    if (travel === 'hex') return `unhex(${value})`;
    return travel === 'float' ? `iif(${value} = 'z', -0.0, ${value})` : value;
  });
  rows.set(name, made);
  return made;
}
