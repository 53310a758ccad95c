import { defined } from '../../../base/invariant';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection, Statement } from '../../../storage/ranges/connection';
import type { SessionValues } from '../../builtins/repr';
import type { CompiledQuery } from '../../emit/compiled-query';
import { bindSlots, prepare, type RowIterator } from '../execute-on';

/** The programs of a running write, prepared when they are first used. */

interface Input {
  readonly name: string;
  readonly position: number;
}

/** A query that is run again and again with other rows as its inputs. */
export class Program {
  private readonly statement: Statement;
  private readonly bound: Record<string, Repr>;
  private readonly rows: readonly Input[];
  private readonly proposed: readonly Input[];
  private readonly extras: readonly Input[];

  constructor(statement: Statement, query: CompiledQuery, slots: Record<string, Repr>) {
    const { v = NO_INPUTS, e = NO_INPUTS, x = NO_INPUTS } = inputsOf(query);
    this.statement = statement;
    this.bound = slots;
    this.rows = v;
    this.proposed = e;
    this.extras = x;
  }

  private bind(row: readonly Repr[], proposed: readonly Repr[], extras: readonly Repr[]): void {
    for (const { name, position } of this.rows) this.bound[name] = row[position] ?? null;
    for (const { name, position } of this.proposed) this.bound[name] = proposed[position] ?? null;
    for (const { name, position } of this.extras) this.bound[name] = extras[position] ?? null;
  }

  /** The first row of the answer. */
  first(
    row: readonly Repr[] = NONE,
    proposed: readonly Repr[] = NONE,
    extras: readonly Repr[] = NONE,
  ): Repr[] | undefined {
    this.bind(row, proposed, extras);
    return this.statement.get(this.bound) as Repr[] | undefined;
  }

  all(row: readonly Repr[] = NONE): Repr[][] {
    this.bind(row, NONE, NONE);
    return this.statement.all(this.bound) as Repr[][];
  }

  iterate(): RowIterator {
    return this.statement.iterate(this.bound) as RowIterator;
  }
}

const NONE: readonly Repr[] = [];

const NO_INPUTS: readonly Input[] = [];

type Inputs = Readonly<Partial<Record<string, readonly Input[]>>>;

const inputs = new WeakMap<CompiledQuery, Inputs>();

/** Text of users is never part of emitted SQL: what looks like an input is one. */
function inputsOf(query: CompiledQuery): Inputs {
  let found = inputs.get(query);
  if (found === undefined) {
    const lists: Record<string, Input[]> = {};
    for (const name of new Set(query.sql.match(/:[vex]\d+\b/g))) {
      const prefix = name.charAt(1);
      const list = lists[prefix] ?? [];
      list.push({ name: name.slice(1), position: Number(name.slice(2)) - 1 });
      lists[prefix] = list;
    }
    found = lists;
    inputs.set(query, found);
  }
  return found;
}

export class Programs {
  readonly db: Connection;
  readonly session: SessionValues;
  readonly parameters: readonly Repr[];
  private readonly compiled: readonly CompiledQuery[];
  private readonly made: Program[] = [];

  constructor(
    db: Connection,
    compiled: readonly CompiledQuery[],
    parameters: readonly Repr[],
    session: SessionValues,
  ) {
    this.db = db;
    this.compiled = compiled;
    this.parameters = parameters;
    this.session = session;
  }

  /** A statement that is no program: one that writes. */
  prepare(sql: string): Statement {
    return prepare(this.db, { sql, functions: [] });
  }

  /** Runs a statement that writes. @param more what it names beside its slots @returns the rows that it has written, and all values */
  runAlone(query: CompiledQuery, more: Readonly<Record<string, Repr>> = {}) {
    const values = Object.assign(bindSlots(query.slots, this.parameters, this.session), more);
    return { changes: prepare(this.db, query).run(values).changes, values };
  }

  /** The rows of a statement that is no program. */
  allAlone(query: CompiledQuery): Repr[][] {
    const values = bindSlots(query.slots, this.parameters, this.session);
    return prepare(this.db, query).all(values) as Repr[][];
  }

  get(id: number): Program {
    const known = this.made[id];
    if (known !== undefined) return known;
    const query = defined(this.compiled[id], `program ${id}`);
    const slots = bindSlots(query.slots, this.parameters, this.session);
    const program = new Program(prepare(this.db, query), query, slots);
    this.made[id] = program;
    return program;
  }
}
