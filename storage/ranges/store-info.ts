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

/** What the server that has the store open declares about itself, by name: every start writes it anew. */
export function readDeclaration(db: Connection, name: string): string | undefined {
  const row = statement(db, 'SELECT value FROM store_info WHERE name = ?').get(name) as
    | { readonly value: string }
    | undefined;
  return row?.value;
}

/** In a write transaction of its own. */
export function writeDeclaration(db: Connection, name: string, value: string): void {
  statement(db, 'INSERT OR REPLACE INTO store_info VALUES (?, ?)').run(name, value);
}
