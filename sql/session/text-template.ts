import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import { liftedValues } from '../bind/lifted-constants';
import type { SessionValues } from '../builtins/repr';
import type { SelectStatement, Statement } from '../parse/ast';
import { type ChangeStatement, isChange } from '../parse/changes';
import { liftLiterals, type TakenText } from '../parse/lifted-literals';
import type { BoundLiterals, LiteralSlots } from '../parse/literal-slots';
import { parseStatement } from '../parse/parse';
import { bracketStatements } from './bracket-sources';
import type { PreparedQuery, PreparedWrite } from './compile-query';

/** Texts that differ in their constants alone are parsed, bound and prepared once: docs/decisions/0032. */

export interface TextTemplate {
  readonly statement: SelectStatement | ChangeStatement;
  readonly slots: LiteralSlots;
  readonly queries: LiftedPlans<PreparedQuery>;
  readonly writes: LiftedPlans<PreparedWrite>;
  /** What it was compiled to can't be kept: its texts are better compiled as they are. */
  isUseless: boolean;
}

/** A text as a template and its constants. */
export interface LiftedText {
  readonly template: TextTemplate;
  /** As they are written, without signs. */
  readonly literals: readonly string[];
}

/** A statement with values for the parameters that its constants became. */
export interface LiftedPlan<Query> {
  readonly query: Query;
  readonly values: readonly Repr[];
}

/** Undefined: its constants can't be taken out, or it is no statement that this is for. */
export function templateOf(text: string, { literals }: TakenText): TextTemplate | undefined {
  const statement = tryParse(text);
  if (statement === undefined || (statement.kind !== 'Select' && !isChange(statement))) {
    return undefined;
  }
  if (statement.asOf !== null || bracketStatements(statement.tree).length > 0) return undefined;
  const slots = liftLiterals(statement, literals);
  if (slots === undefined) return undefined;
  return {
    statement,
    slots,
    queries: new LiftedPlans(),
    writes: new LiftedPlans(),
    isUseless: false,
  };
}

/** What is wrong with it is said by who parses it next. */
function tryParse(text: string): Statement | undefined {
  try {
    return parseStatement(text);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** One for each set of constants that the binder looked at, each database, each version of the catalog … */
const PLANS_MAX = 4;

interface Plan<Query> {
  /** Of all that binding depends on. */
  readonly key: string;
  readonly literals: BoundLiterals;
  /** The constants that it was bound with. */
  readonly texts: readonly string[];
  readonly query: Query;
}

/** What a template was compiled to, those made last. */
export class LiftedPlans<Query> {
  private readonly plans: Plan<Query>[] = [];

  find(
    key: string,
    texts: readonly string[],
    session: () => SessionValues,
  ): LiftedPlan<Query> | undefined {
    const plan = this.plans.find((each) => each.key === key && isFor(each, texts));
    if (plan === undefined) return undefined;
    const values = liftedValues(texts, plan.literals.uses, session);
    return values && { query: plan.query, values };
  }

  add(plan: Plan<Query>): void {
    if (this.plans.unshift(plan) > PLANS_MAX) this.plans.pop();
  }
}

function isFor({ literals, texts }: Plan<unknown>, now: readonly string[]): boolean {
  for (const index of literals.pinned) if (texts[index] !== now[index]) return false;
  return true;
}
