import { defined } from '../../base/invariant';
import type { BoundWrite } from '../bind/write/bind-write';
import type { ChangePlan, InsertPlan, StepPlan, TablePlan, WritePlan } from '../bind/write/plan';
import { type PlanNames, type PlanNode, queryNode, valuesNode } from './explain';

/** A statement that writes, as the tree that EXPLAIN prints. */

export function writeNode({ plan, programs }: BoundWrite, names: PlanNames): PlanNode {
  const program = (id: number): PlanNode =>
    queryNode(defined(programs[id], `program ${id}`), names);
  const change = (inner: ChangePlan): PlanNode => changeNode(inner, program);
  const main = plan.kind === 'read' ? program(plan.source) : change(plan);
  const { steps } = plan as WritePlan;
  if (steps === undefined) return main;
  const stepNode = ({ table, work }: StepPlan): PlanNode => ({
    name: 'subquery',
    attributes: [`id: ${table}`, 'exec mode: all rows'],
    inputs: [work.kind === 'rows' ? program(work.program) : change(work.plan)],
  });
  return { name: 'root', attributes: [], inputs: [main, ...steps.map(stepNode)] };
}

const columnsAt = (table: TablePlan, positions: readonly number[]): string =>
  positions.map((position) => table.columns[position]?.name ?? '?').join(', ');

function changeNode(plan: ChangePlan, program: (id: number) => PlanNode): PlanNode {
  const table = defined(plan.tables[0], 'the written table');
  if (plan.kind === 'insert') return insertNode(plan, table, program);
  const about =
    plan.kind === 'update'
      ? [`table: ${table.name}`, `set: ${columnsAt(table, plan.positions)}`]
      : [`from: ${table.name}`];
  return {
    name: plan.kind,
    attributes: [...about, 'auto commit'],
    inputs: [program(plan.source)],
  };
}

function insertNode(
  plan: InsertPlan,
  table: TablePlan,
  program: (id: number) => PlanNode,
): PlanNode {
  const { source, conflict } = plan;
  const into = `into: ${table.name}(${columnsAt(table, [...plan.positions, ...plan.defaultPositions])})`;
  const arbiters = conflict?.arbiters.map((i) => table.uniques[i]?.name ?? '?').join(', ');
  const attributes = [into, 'auto commit'];
  if (arbiters !== undefined) attributes.push(`arbiter indexes: ${arbiters}`);
  const input =
    source.kind === 'query'
      ? program(source.program)
      : valuesNode(plan.positions.length, source.kind === 'cells' ? source.rows.length : 0);
  const updates = plan.upsert || conflict?.action === 'update';
  return { name: updates ? 'upsert' : 'insert', attributes, inputs: [input] };
}
