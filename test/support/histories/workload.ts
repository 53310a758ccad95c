import type { Client, DatabaseError } from 'pg';
import type { Random } from '../fuzz/random';
import type { Append, Committed, Read } from './graph';

/** Random transactions of one client over lists in tables `l0` … `l4`, and what came of them. */

export const TABLES = 5;
const KEYS = 2;
/** Longer than a block must stand still to make way for others. */
const PAUSE_MS = 75;

/** What a client may expect of others that do the same: to run again, to have waited too long, or names that are gone. */
const EXPECTED = new Set(['40001', '55P03', '25P02', '42P07', '42701', '42703', '42P01', '57014']);

export class Worker {
  readonly committed: Committed[] = [];
  /** COMMITs that were not answered: they may count or not. */
  readonly unknown: Committed[] = [];
  readonly problems: string[] = [];
  retries = 0;
  private values = 0;
  private tables = 0;
  private operations: (Append | Read)[] = [];
  /** Sent and not answered. */
  private asked: Append | undefined;
  private readonly name: string;
  private readonly random: Random;
  private readonly withDdl: boolean;
  client: Client;

  constructor(name: string, client: Client, random: Random, withDdl: boolean) {
    this.name = name;
    this.client = client;
    this.random = random;
    this.withDdl = withDdl;
  }

  static async setUp(client: Client): Promise<void> {
    await client.query('CREATE SEQUENCE numbers');
    for (let i = 0; i < TABLES; i++) {
      await client.query(`CREATE TABLE l${i} (k INT PRIMARY KEY, v STRING NOT NULL DEFAULT '')`);
      await client.query(`INSERT INTO l${i} (k) SELECT generate_series(0, ${KEYS - 1})`);
    }
  }

  static async final(client: Client): Promise<Map<string, string[]>> {
    const lists = new Map<string, string[]>();
    for (let i = 0; i < TABLES; i++)
      for (const { k, v } of (await client.query(`SELECT k, v FROM l${i}`)).rows)
        lists.set(`l${i}/${k}`, split(v));
    return lists;
  }

  /** One transaction, a block or a statement of its own. Errors that are to be expected end it. */
  async step(): Promise<void> {
    this.operations = [];
    this.asked = undefined;
    const block = this.random.chance(0.55);
    let ending = false;
    try {
      if (!block) {
        await this.operation(true);
        this.keep(this.committed);
        return;
      }
      await this.client.query('BEGIN');
      await this.body();
      if (this.random.chance(0.15)) {
        await this.client.query('ROLLBACK');
        return;
      }
      ending = true;
      await this.client.query('COMMIT');
      this.keep(this.committed);
    } catch (error) {
      const { code, message } = error as DatabaseError;
      // Errors of the socket have names, SQLSTATEs five characters.
      if (code?.length !== 5) {
        if (!block && this.asked !== undefined) this.operations.push(this.asked);
        if (ending || !block) this.keep(this.unknown);
        throw error;
      }
      this.retries++;
      if (!EXPECTED.has(code)) this.problems.push(`${this.name}: ${code} ${message}`);
      if (block) await this.client.query('ROLLBACK').catch(() => undefined);
    }
  }

  private keep(list: Committed[]): void {
    list.push({ name: `${this.name}.${this.values}`, operations: this.operations });
  }

  private async body(): Promise<void> {
    const { random, client } = this;
    const savepoints: (Append | Read)[][] = [];
    for (let left = 1 + random.below(5); left > 0; left--) {
      if (random.chance(0.4)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const n = random.below(10);
      if (n === 0) {
        await client.query(`SAVEPOINT s${savepoints.length}`);
        savepoints.push([...this.operations]);
      } else if (n === 1 && savepoints.length > 0) {
        const to = random.below(savepoints.length);
        await client.query(`ROLLBACK TO SAVEPOINT s${to}`);
        // What was read stays read; what was written did not happen, and neither did reads of it.
        this.operations = [...(savepoints[to] ?? [])];
        savepoints.length = to + 1;
      } else if (n === 2 && savepoints.length > 0) {
        const to = random.below(savepoints.length);
        await client.query(`RELEASE SAVEPOINT s${to}`);
        savepoints.length = to;
      } else if (n === 3 && this.withDdl) await this.ddl();
      else await this.operation(false);
    }
  }

  private async ddl(): Promise<void> {
    const { random, client } = this;
    const table = `l${random.below(TABLES)}`;
    const made = `${this.name}_${this.tables++}`;
    const sql = random.pick([
      `CREATE TABLE ${made} (id INT PRIMARY KEY DEFAULT nextval('numbers'), v STRING)`,
      `ALTER TABLE ${table} ADD COLUMN x INT DEFAULT 7`,
      `ALTER TABLE ${table} DROP COLUMN x`,
      `CREATE INDEX i_${made} ON ${table} (v)`,
      `CREATE INDEX i_${made} ON ${table} (k, v)`,
    ]);
    await client.query(sql);
    if (sql.startsWith('CREATE TABLE'))
      await client.query(`INSERT INTO ${made} (v) VALUES ('a'), ('b')`);
  }

  private async operation(alone: boolean): Promise<void> {
    const { random, client } = this;
    const table = `l${random.below(TABLES)}`;
    const other = `l${random.below(TABLES)}`;
    const k = random.below(KEYS);
    const n = random.below(10);
    if (n < 4) return await this.append(table, k);
    if (n < 6 && alone) return await this.readAll([table, other]);
    if (n < 8) return await this.readAll([table]);
    // Reads one table and writes another in one statement.
    const value = this.value();
    this.asked = { kind: 'append', key: `${table}/${k}`, value };
    const { rows } = await client.query(
      `UPDATE ${table} SET v = v || '${value} ' WHERE k = ${k} RETURNING v, (SELECT v FROM ${other} WHERE k = ${k}) AS o`,
    );
    if (other !== table) this.read(`${other}/${k}`, rows[0]?.o);
    this.appended(`${table}/${k}`, value, rows[0]?.v);
  }

  private async append(table: string, k: number): Promise<void> {
    const value = this.value();
    this.asked = { kind: 'append', key: `${table}/${k}`, value };
    const sql = this.random.pick([
      `UPDATE ${table} SET v = v || '${value} ' WHERE k = ${k} RETURNING v`,
      `INSERT INTO ${table} (k, v) VALUES (${k}, '') ON CONFLICT (k) DO UPDATE SET v = ${table}.v || '${value} ' RETURNING v`,
    ]);
    const { rows } = await this.client.query(sql);
    this.appended(`${table}/${k}`, value, rows[0]?.v);
  }

  private async readAll(tables: readonly string[]): Promise<void> {
    const parts = tables.map((name) => `SELECT '${name}/' || k::STRING AS key, v FROM ${name}`);
    const { rows } = await this.client.query(parts.join(' UNION ALL '));
    for (const { key, v } of rows) this.read(key, v);
  }

  private value(): string {
    return `${this.name}.${this.values++}`;
  }

  private appended(key: string, value: string, list: string): void {
    const values = split(list);
    if (values[values.length - 1] !== value)
      this.problems.push(`${value} is not last in ${list} of ${key}`);
    this.read(key, list, 1);
    this.operations.push({ kind: 'append', key, value });
    this.asked = undefined;
  }

  private read(key: string, list: string, less = 0): void {
    const values = split(list);
    this.operations.push({ kind: 'read', key, values: values.slice(0, values.length - less) });
  }
}

const split = (list: string): string[] => list.trimEnd().split(' ').filter(Boolean);
