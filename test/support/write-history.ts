import type { Client } from 'pg';
import type { Random } from './fuzz/random';

/** Random writes to a table `(k INT PRIMARY KEY, v STRING, n INT)`, beside a model of what they make of it. */

type Row = readonly [v: string, n: number];
export type Model = ReadonlyMap<number, Row>;

/** The table at a time of the cluster's clock. */
export interface Moment {
  readonly time: string;
  readonly rows: Model;
}

const KEYS = 12;

export class WriteHistory {
  readonly moments: Moment[] = [];
  private readonly table: string;
  private readonly random: Random;
  private rows: Map<number, Row> = new Map();
  private written = 0;

  constructor(table: string, random: Random) {
    this.table = table;
    this.random = random;
  }

  get current(): Model {
    return this.rows;
  }

  /** One transaction, that is kept or not; then what time it is. */
  async step(client: Client): Promise<void> {
    const before = new Map(this.rows);
    if (this.random.below(4) > 0) await this.write(client);
    else if (!(await this.block(client))) this.rows = before;
    await this.note(client);
  }

  async note(client: Client): Promise<void> {
    const { rows } = await client.query('SELECT cluster_logical_timestamp()::STRING AS t');
    this.moments.push({ time: String(rows[0].t), rows: new Map(this.rows) });
  }

  private async block(client: Client): Promise<boolean> {
    await client.query('BEGIN');
    for (let i = this.random.below(4); i >= 0; i--) {
      if (this.random.below(3) > 0) {
        await this.write(client);
        continue;
      }
      const before = new Map(this.rows);
      await client.query('SAVEPOINT s');
      await this.write(client);
      if (this.random.below(2) === 0) {
        await client.query('ROLLBACK TO SAVEPOINT s');
        this.rows = before;
      }
      await client.query('RELEASE SAVEPOINT s');
    }
    const kept = this.random.below(4) > 0;
    await client.query(kept ? 'COMMIT' : 'ROLLBACK');
    return kept;
  }

  private value(): string {
    return `v${this.written++}`;
  }

  private async write(client: Client): Promise<void> {
    const { table, random, rows } = this;
    const key = random.below(KEYS);
    switch (random.below(8)) {
      case 0:
      case 1: {
        const pairs = [...new Set([key, random.below(KEYS), random.below(KEYS)])].map(
          (k) => [k, this.value()] as const,
        );
        const list = pairs.map(([k, v]) => `(${k}, '${v}', 0)`).join(', ');
        await client.query(`UPSERT INTO ${table} VALUES ${list}`);
        for (const [k, v] of pairs) rows.set(k, [v, 0]);
        return;
      }
      case 2: {
        const v = this.value();
        const conflict = `ON CONFLICT (k) DO UPDATE SET n = ${table}.n + 1`;
        await client.query(`INSERT INTO ${table} VALUES (${key}, '${v}', 0) ${conflict}`);
        const found = rows.get(key);
        rows.set(key, found === undefined ? [v, 0] : [found[0], found[1] + 1]);
        return;
      }
      case 3: {
        await client.query(`UPDATE ${table} SET n = n + 10 WHERE k >= ${key}`);
        for (const [k, [v, n]] of rows) if (k >= key) rows.set(k, [v, n + 10]);
        return;
      }
      case 4: {
        await client.query(`UPDATE ${table} SET k = k + 100 WHERE k = ${key}`);
        await client.query(`DELETE FROM ${table} WHERE k = ${key + 100}`);
        rows.delete(key);
        return;
      }
      case 5: {
        await client.query(`DELETE FROM ${table} WHERE k < ${key - 6}`);
        for (const k of [...rows.keys()]) if (k < key - 6) rows.delete(k);
        return;
      }
      case 6: {
        await client.query(`DELETE FROM ${table}`);
        rows.clear();
        return;
      }
      default: {
        const sql = `WITH u AS (UPDATE ${table} SET n = 1 WHERE k = ${key} RETURNING k) SELECT count(*), (SELECT sum(n) FROM ${table}) FROM u`;
        await client.query(sql);
        const found = rows.get(key);
        if (found !== undefined) rows.set(key, [found[0], 1]);
      }
    }
  }
}

/** As a query of the table gives it, ordered by `k`. */
export const rowsOf = (model: Model): unknown[][] =>
  [...model].sort(([a], [b]) => a - b).map(([k, [v, n]]) => [String(k), v, String(n)]);
