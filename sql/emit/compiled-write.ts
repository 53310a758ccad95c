import type { BoundWrite } from '../bind/write/bind-write';
import type { DeletePlan, WritePlan } from '../bind/write/plan';
import type { CompiledQuery } from './compiled-query';
import { emitBoundQuery, emitDelete } from './emit-query';

/** A write as data for a query thread: the plan, and its programs as SQLite's SQL. */
export interface CompiledWrite {
  readonly plan: WritePlan;
  readonly programs: readonly CompiledQuery[];
  /** A DELETE whose rows nobody has to look at, as SQLite's own. */
  readonly bulk?: CompiledQuery;
}

export function emitWrite({ plan, programs }: BoundWrite): CompiledWrite {
  const nothing = { materialized: new Map(), relationIds: new Set<number>() };
  const bulk = deletesBlindly(plan) ? emitDelete(programs[plan.source]) : undefined;
  return {
    plan,
    ...(bulk === undefined ? {} : { bulk }),
    programs: programs.map((query) =>
      emitBoundQuery({ query, columns: [], parameterTypes: [], writes: false, ...nothing }, true),
    ),
  };
}

/** No part of the statement, no foreign key and no client asks what the rows were. */
function deletesBlindly(plan: WritePlan): plan is DeletePlan {
  if (plan.kind !== 'delete' || plan.distinct || plan.returning !== undefined) return false;
  const parts = (plan.steps ?? []).length + (plan.snapshots ?? []).length;
  return parts === 0 && plan.tables.length === 1 && plan.tables[0]?.inbound.length === 0;
}
