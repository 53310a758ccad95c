import type { BoundWrite } from '../bind/write/bind-write';
import type { WritePlan } from '../bind/write/plan';
import type { CompiledQuery } from './compiled-query';
import { emitBoundQuery } from './emit-query';

/** A write as data for a query thread: the plan, and its programs as SQLite's SQL. */
export interface CompiledWrite {
  readonly plan: WritePlan;
  readonly programs: readonly CompiledQuery[];
}

export function emitWrite({ plan, programs }: BoundWrite): CompiledWrite {
  const nothing = { materialized: new Map(), relationIds: new Set<number>() };
  return {
    plan,
    programs: programs.map((query) =>
      emitBoundQuery({ query, columns: [], parameterTypes: [], writes: false, ...nothing }),
    ),
  };
}
