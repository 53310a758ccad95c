import fc from 'fast-check';
import { Tables } from './support/tables';

/** Random writes against a model in JavaScript: rows by key, a unique column, a check. */

interface Row {
  readonly id: number;
  readonly u: number | null;
  readonly n: number;
}

type Command =
  | { readonly kind: 'insert' | 'nothing' | 'update' | 'upsert'; readonly rows: readonly Row[] }
  | { readonly kind: 'set'; readonly id: number; readonly u: number | null }
  | { readonly kind: 'move' | 'delete'; readonly from: number; readonly to: number };

const small = fc.integer({ min: 0, max: 6 });
const row = fc.record({
  id: small,
  u: fc.option(small, { freq: 3 }),
  n: fc.integer({ min: -1, max: 9 }),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'insert' as const,
      'nothing' as const,
      'update' as const,
      'upsert' as const,
    ),
    rows: fc.array(row, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('set' as const), id: small, u: fc.option(small) }),
  fc.record({ kind: fc.constantFrom('move' as const, 'delete' as const), from: small, to: small }),
);

class Refused extends Error {}

const clashes = (rows: ReadonlyMap<number, Row>, row: Row, self?: number): boolean =>
  [...rows.values()].some(
    (other) => other.id !== self && (other.id === row.id || (row.u !== null && other.u === row.u)),
  );

function put(rows: Map<number, Row>, row: Row, self?: number): void {
  if (row.n < 0 || clashes(rows, row, self)) throw new Refused();
  if (self !== undefined) rows.delete(self);
  rows.set(row.id, row);
}

/** The table afterwards; the same when the statement is refused. */
function apply(before: ReadonlyMap<number, Row>, given: Command): Map<number, Row> {
  const rows = new Map(before);
  const written = new Set<number>();
  switch (given.kind) {
    case 'set': {
      const found = rows.get(given.id);
      if (found !== undefined) put(rows, { ...found, u: given.u }, given.id);
      return rows;
    }
    case 'move': {
      const found = rows.get(given.from);
      if (found !== undefined) put(rows, { ...found, id: given.to }, given.from);
      return rows;
    }
    case 'delete':
      for (const id of before.keys()) if (id >= given.from && id <= given.to) rows.delete(id);
      return rows;
    default:
      for (const row of given.rows) {
        const found = rows.get(row.id);
        if (given.kind === 'insert') put(rows, row);
        else if (given.kind === 'nothing') {
          if (!clashes(rows, row)) put(rows, row);
        } else {
          if (found !== undefined && written.has(row.id)) throw new Refused();
          const next =
            given.kind === 'upsert' || found === undefined ? row : { ...found, n: found.n + row.n };
          put(rows, next, found?.id);
          written.add(row.id);
        }
      }
      return rows;
  }
}

const value = (v: number | null): string => (v === null ? 'NULL' : String(v));

function sqlOf(given: Command): string {
  switch (given.kind) {
    case 'set':
      return `UPDATE t SET u = ${value(given.u)} WHERE id = ${given.id}`;
    case 'move':
      return `UPDATE t SET id = ${given.to} WHERE id = ${given.from}`;
    case 'delete':
      return `DELETE FROM t WHERE id BETWEEN ${given.from} AND ${given.to}`;
    default: {
      const rows = given.rows.map((r) => `(${r.id}, ${value(r.u)}, ${r.n})`).join(', ');
      const verb = given.kind === 'upsert' ? 'UPSERT' : 'INSERT';
      const tails = {
        insert: '',
        upsert: '',
        nothing: ' ON CONFLICT DO NOTHING',
        update: ' ON CONFLICT (id) DO UPDATE SET n = t.n + excluded.n',
      };
      return `${verb} INTO t VALUES ${rows}${tails[given.kind]}`;
    }
  }
}

test('writes do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 12 }), async (commands) => {
      const db = await Tables.make({
        t: {
          columns: [
            'id INT8 NOT NULL',
            'u INT8',
            'n INT8 NOT NULL',
            'e INT8 AS (n * 2:::INT8) STORED',
          ],
          unique: { u: { columns: ['u'] } },
          checks: { positive: 'n >= 0:::INT8' },
        },
      });
      let rows = new Map<number, Row>();
      for (const given of commands) {
        let refused = false;
        try {
          rows = apply(rows, given);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          refused = true;
        }
        if (refused) expect(db.error(sqlOf(given))).toMatch(/^(23505|23514|21000)/);
        else db.run(sqlOf(given));
        const expected = [...rows.values()]
          .sort((a, b) => a.id - b.id)
          .map((r) => `${r.id}|${value(r.u)}|${r.n}|${r.n * 2}`);
        expect(db.run('SELECT * FROM t ORDER BY id')).toEqual(expected);
      }
      db.db.close();
    }),
    { numRuns: 60 },
  );
});
