import type { Query } from '../bind/expr';
import type { BoundWrite } from '../bind/write/bind-write';
import type { DeletePlan, UpdatePlan, WritePlan } from '../bind/write/plan';
import type { CompiledQuery } from './compiled-query';
import { emitBoundQuery, emitFound } from './emit-query';

/** A write as data for a query thread: the plan, and its programs as SQLite's SQL. */
export interface CompiledWrite {
  readonly plan: WritePlan;
  readonly programs: readonly CompiledQuery[];
  /** The rows of an UPDATE or DELETE that changes no others, as what follows FROM. */
  readonly found?: CompiledQuery;
  /** A DELETE whose rows nobody has to look at: some of its table, or all. */
  readonly blind: 'some' | 'all' | undefined;
}

export function emitWrite({ plan, programs }: BoundWrite): CompiledWrite {
  const nothing = { materialized: new Map(), relationIds: new Set<number>() };
  const found = changesFoundOnly(plan) ? emitFound(programs[plan.source]) : undefined;
  return {
    plan,
    blind: found === undefined ? undefined : blindRows(plan, programs),
    ...(found === undefined ? {} : { found }),
    programs: programs.map((query) =>
      emitBoundQuery({ query, columns: [], parameterTypes: [], writes: false, ...nothing }, true),
    ),
  };
}

/** No part of the statement and no foreign key changes other rows. */
function changesFoundOnly(plan: WritePlan): plan is DeletePlan | UpdatePlan {
  if (plan.kind !== 'delete' && plan.kind !== 'update') return false;
  const parts = (plan.steps ?? []).length + (plan.snapshots ?? []).length;
  return parts === 0 && plan.tables[0]?.inbound.length === 0;
}

/** Undefined: a client asks what the rows were, or other rows depend on them. */
function blindRows(plan: WritePlan, programs: readonly Query[]): CompiledWrite['blind'] {
  if (plan.kind !== 'delete' || plan.distinct) return undefined;
  if (plan.returning !== undefined || plan.tables.length > 1) return undefined;
  const query = programs[plan.source];
  return query?.kind === 'select' && query.where === undefined ? 'all' : 'some';
}
