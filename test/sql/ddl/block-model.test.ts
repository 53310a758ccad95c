import { type DdlEngine, openDdlEngine } from './engine';

/**
 * Random schema changes and writes in blocks with savepoints, against a model of what each moment should look like: tables by name,
 * their columns, and rows. Others see the model's last commit all the while.
 */

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Catalog = ReadonlyMap<string, Table>;

/** Mulberry32: the same run each time. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const NAMES = ['a', 'b', 'c'];

class Model {
  committed: Catalog = new Map();
  current: Catalog = new Map();
  savepoints: { readonly name: string; readonly catalog: Catalog }[] = [];
  private count = 0;

  next(): number {
    return ++this.count;
  }

  with(name: string, table: Table | undefined): void {
    const made = new Map(this.current);
    if (table === undefined) made.delete(name);
    else made.set(name, table);
    this.current = made;
  }

  end(commit: boolean): void {
    if (commit) this.committed = this.current;
    this.current = this.committed;
    this.savepoints = [];
  }
}

/** A statement and what it does to the model. */
function step(model: Model, random: (below: number) => number): string {
  const name = NAMES[random(NAMES.length)] ?? 'a';
  const table = model.current.get(name);
  const n = model.next();
  const kind = random(12);
  if (kind === 0) {
    model.savepoints.push({ name: `s${n}`, catalog: model.current });
    return `SAVEPOINT s${n}`;
  }
  const at = random(model.savepoints.length + 1);
  const savepoint = model.savepoints[at];
  if (kind === 1 && savepoint !== undefined) {
    model.savepoints.length = at + 1;
    model.current = savepoint.catalog;
    return `ROLLBACK TO SAVEPOINT ${savepoint.name}`;
  }
  if (kind === 2 && savepoint !== undefined) {
    model.savepoints.length = at;
    return `RELEASE SAVEPOINT ${savepoint.name}`;
  }
  if (table === undefined) {
    model.with(name, { columns: ['id'], rows: [] });
    return `CREATE TABLE ${name} (id INT PRIMARY KEY)`;
  }
  return change(model, name, table, kind, n);
}

function change(model: Model, name: string, table: Table, kind: number, n: number): string {
  const { columns, rows } = table;
  const free = NAMES.find((other) => !model.current.has(other));
  if (kind === 3) {
    model.with(name, undefined);
    return `DROP TABLE ${name}`;
  }
  if (kind === 4 && free !== undefined) {
    model.with(name, undefined);
    model.with(free, table);
    return `ALTER TABLE ${name} RENAME TO ${free}`;
  }
  if (kind === 5) {
    const added = rows.map((row) => [...row, `d${n}`]);
    model.with(name, { columns: [...columns, `c${n}`], rows: added });
    return `ALTER TABLE ${name} ADD COLUMN c${n} STRING DEFAULT 'd${n}'`;
  }
  const last = columns.at(-1);
  if (kind === 6 && columns.length > 1) {
    const left = rows.map((row) => row.slice(0, -1));
    model.with(name, { columns: columns.slice(0, -1), rows: left });
    return `ALTER TABLE ${name} DROP COLUMN ${last}`;
  }
  if (kind === 7) {
    model.with(name, { columns, rows: [] });
    return `DELETE FROM ${name}`;
  }
  const row = [String(n), ...columns.slice(1).map((column) => `v${column}`)];
  model.with(name, { columns, rows: [...rows, row] });
  const values = row.map((value, i) => (i === 0 ? value : `'${value}'`));
  return `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values.join(', ')})`;
}

/** What `run` sees, in the form of `textOf`. */
async function seen(run: DdlEngine['run']): Promise<string> {
  const names = (await run('SELECT table_name FROM [SHOW TABLES] ORDER BY 1')).split('\n');
  const parts: string[] = [];
  for (const name of names) {
    if (name === '') continue;
    const columns = await run(
      `SELECT column_name FROM information_schema.columns WHERE table_name = '${name}' ORDER BY ordinal_position`,
    );
    parts.push(`${name} (${columns.replaceAll('\n', ', ')})`);
    const rows = await run(`SELECT * FROM ${name} ORDER BY id`);
    if (rows !== '') parts.push(rows);
  }
  return parts.join('\n');
}

function textOf(catalog: Catalog): string {
  const parts = [...catalog].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts
    .flatMap(([name, { columns, rows }]) => [
      `${name} (${columns.join(', ')})`,
      ...rows.map((row) => row.join('|')),
    ])
    .join('\n');
}

test.each([1, 2, 3])('blocks do what the model says, seed %i', async (seed) => {
  const engine: DdlEngine = await openDdlEngine();
  try {
    const other = await engine.connect();
    const random = randomOf(seed);
    const model = new Model();
    for (let block = 0; block < 4; block++) {
      await engine.run('BEGIN');
      for (let i = 0; i < 12; i++) {
        const sql = step(model, random);
        expect([sql, await engine.run(sql)]).not.toContainEqual(expect.stringMatching(/^ERROR/));
        if (random(3) === 0) expect(await seen(engine.run)).toBe(textOf(model.current));
        if (random(6) === 0) expect(await seen(other)).toBe(textOf(model.committed));
      }
      const commit = random(3) > 0;
      await engine.run(commit ? 'COMMIT' : 'ROLLBACK');
      model.end(commit);
      expect(await seen(other)).toBe(textOf(model.committed));
    }
  } finally {
    await engine.close();
  }
});
