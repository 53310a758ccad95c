import { defined } from '../../base/invariant';
import { type Connection, statement } from './connection';

export interface StoreInfo {
  /** A random UUID given when the store was created. */
  readonly clusterId: string;
  /** Microseconds since 1970. */
  readonly createdMicros: number;
}

export function readStoreInfo(db: Connection): StoreInfo {
  const rows = statement(db, 'SELECT name, value FROM store_info').all() as {
    name: string;
    value: string;
  }[];
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  return {
    clusterId: defined(values.get('cluster_id'), 'cluster_id'),
    createdMicros: Number(defined(values.get('created'), 'created')),
  };
}
