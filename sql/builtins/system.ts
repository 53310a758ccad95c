import { arrayToRepr } from '../../catalog/types/array';
import { floatFromRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, INT8, NAME, STRING } from '../../catalog/types/table';
import { CRDB_VERSION } from '../session/setting-table';
import type { FunctionRow } from './function-row';
import { bool, native, udf } from './rows';

/** Ids, and what the server says about itself. */

/** The schemas of the search path, with or without those that are always in it. */
function schemas(includeImplicit: bigint, path: string | null): Uint8Array {
  const all = (path ?? '').split(',').filter((name) => name !== '');
  const implicit = ['pg_catalog', 'pg_extension'];
  const explicit = all.filter((name) => !implicit.includes(name));
  return arrayToRepr(
    arrayOf(STRING),
    includeImplicit !== 0n ? [...implicit, ...explicit] : explicit,
  );
}

/** Signals to other sessions; NULL for NULL. */
const signal = (kind: 'cancel' | 'terminate') =>
  native(
    `pg_${kind}_backend`,
    ['int'],
    BOOL,
    ([pid, backends]) => `q_signal('${kind}', ${pid}, ${backends})`,
    { volatility: 'volatile', context: ['backends'], signals: true },
  );

export const systemBuiltins: readonly FunctionRow[] = [
  udf('version', [], STRING, () => CRDB_VERSION),
  udf('current_schemas', ['bool'], arrayOf(STRING), schemas, { context: ['searchPath'] }),
  udf('pg_client_encoding', [], NAME, () => 'UTF8'),
  udf('pg_encoding_to_char', ['int'], NAME, (code: bigint) => (code === 6n ? 'UTF8' : null)),
  udf('pg_is_in_recovery', [], BOOL, () => bool(false)),
  udf('txid_current', [], INT8, (time: bigint) => time, { context: ['transactionTimestamp'] }),
  native('pg_sleep', ['float'], BOOL, ([seconds]) => `q_sleep(${seconds})`, {
    volatility: 'volatile',
  }),
  signal('cancel'),
  signal('terminate'),
  udf('crdb_internal.node_id', [], INT8, () => 1n),
];

/** A duration as q_sleep gets it, in milliseconds. */
export function sleepMilliseconds(seconds: Repr): number {
  return Math.max(floatFromRepr(seconds) * 1000, 0);
}
