import { SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import { TIMESTAMPTZ } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { bindNode, wantedArrayOf } from '../bind/bind-expr';
import { makeBinder } from '../bind/bind-select';
import type { Binder } from '../bind/binder';
import { settle } from '../bind/binder';
import type { BindContext } from '../bind/catalog-view';
import type { Expr } from '../bind/expr';
import { calledName, givesWanted, isNowLike } from '../bind/now-like';
import { names } from '../bind/pg-access';
import { makeScope, type Scope, type ScopeColumn, withoutAggregates } from '../bind/scope';
import { resolveTypeName } from '../bind/type-names';
import { type Bound, isUntyped, naturalType } from '../bind/untyped';
import { decodeText, isClockWord } from '../builtins/repr';
import type { DefinitionExpr } from '../parse/ddl-ast';
import type { ColumnRef, PgNode } from '../parse/pg-tree';
import { type ExpressionFacts, printExpression } from './print-expression';

/** An expression of a definition, checked and in the form that descriptors keep. */
export interface StoredExpression {
  readonly text: string;
  /** Columns in the order they are named; repeated ones are repeated. */
  readonly columnIds: readonly number[];
  readonly sequenceIds: readonly number[];
  /** The bound tree, over columns of the sources that `columns` came with. */
  readonly expr: Expr;
}

export interface ExpressionPlace {
  /** For messages: `DEFAULT`, `CHECK`, `STORED COMPUTED COLUMN` … */
  readonly what: string;
  /** What may be named; none for defaults. */
  readonly columns: readonly ScopeColumn[];
  readonly type: SqlType;
}

/** Expressions that are read when a row is written: what they say about `now` is meant then. */
const RUN_LATER = new Set(['DEFAULT', 'ON UPDATE']);

/** Two zones that no text without a zone means the same instant in. */
const [ONE_ZONE, OTHER_ZONE] = ['UTC', 'Asia/Kathmandu'] as const;

const SEQUENCE_FUNCTIONS = new Set(['nextval', 'currval', 'setval']);

/**
 * Checks an expression of a definition and gives the text to store.
 * @throws SqlError datatypeMismatch (42804) and what binding throws
 */
export function storeExpression(
  given: DefinitionExpr,
  place: ExpressionPlace,
  context: BindContext,
): StoredExpression {
  const recorder = new Recorder(context, RUN_LATER.has(place.what));
  const scope = withoutAggregates(makeScope(place.columns, { ctes: new Map() }), place.what);
  const bound =
    recorder.wantedArray(given.node, place.type, scope) ??
    recorder.binder.bindExpr(given.node, scope);
  const now = givesWanted(given.node, place.type) ? place.type : undefined;
  const expr = settle(recorder.binder, bound, place.type);
  if (now === undefined) checkType(given, place, expr);
  const text = printExpression(given.node, recorder.facts(given.node, now));
  return {
    text,
    columnIds: recorder.columnIds,
    sequenceIds: recorder.sequenceIds,
    expr,
  };
}

function checkType(given: DefinitionExpr, place: ExpressionPlace, expr: Expr): void {
  const { type } = expr;
  const same =
    type.family === 'unknown' ||
    place.type.family === 'any' ||
    (type.family === place.type.family &&
      (type.family !== 'enum' || type.oid === place.type.oid) &&
      (type.family !== 'array' || type.element?.family === place.type.element?.family));
  const collated = type.family === 'string' && place.type.family === 'collatedstring';
  if (same || collated) return;
  throw new SqlError(
    'datatypeMismatch',
    `expected ${place.what} expression to have type ${messageTypeName(place.type)}, but '${given.text}' has type ${messageTypeName(type)}`,
  );
}

/** A text that means something else at another time, or in another time zone. */
function isContextual(text: string, type: SqlType): boolean {
  if (isClockWord(text, type)) return true;
  if (type.family !== 'timestamptz' && type.family !== 'timetz') return false;
  const inZone = (timeZone: string) => decodeText(text, type, { timeZone });
  return inZone(ONE_ZONE) !== inZone(OTHER_ZONE);
}

const undefinedColumn = ({ fields }: ColumnRef): SqlError =>
  new SqlError('undefinedColumn', `column "${names(fields).join('.')}" does not exist`);

/** Binds and remembers what each node became. */
class Recorder {
  readonly binder: Binder;
  readonly columnIds: number[] = [];
  readonly sequenceIds: number[] = [];
  private readonly bounds = new Map<PgNode, Bound>();
  private readonly types = new Map<object, SqlType>();
  private readonly context: BindContext;
  private readonly runsLater: boolean;

  constructor(context: BindContext, runsLater: boolean) {
    this.runsLater = runsLater;
    this.context = {
      ...context,
      onConstant: (untyped, type) => {
        this.types.set(untyped, type);
      },
    };
    const base = makeBinder(this.context);
    const binder: Binder = {
      ...base,
      bindExpr: (node, scope) => {
        const bound = bindNode(binder, node, scope);
        this.bounds.set(node, bound);
        if ('ColumnRef' in node && bound.kind === 'column') this.columnIds.push(bound.columnId);
        // The table's name stands for its row in queries alone.
        if ('ColumnRef' in node && bound.kind === 'tuple') throw undefinedColumn(node.ColumnRef);
        return bound;
      },
    };
    this.binder = binder;
  }

  facts(root: PgNode, now: SqlType | undefined): ExpressionFacts {
    return {
      constant: (node) => this.constant(node),
      arrayType: (node) => {
        const bound = this.bounds.get(node);
        return bound === undefined || isUntyped(bound) ? undefined : bound.type;
      },
      castType: (node) => resolveTypeName(node.typeName, this.context.catalog),
      callType: (node, name) => this.callType(node, name, node === root ? now : undefined),
      sequence: (node) => this.sequence(node),
    };
  }

  private constant(node: PgNode) {
    const bound = this.bounds.get(node);
    if (bound === undefined || !isUntyped(bound)) return undefined;
    if (bound.kind !== 'number' && bound.kind !== 'string') return undefined;
    const type = this.types.get(bound) ?? naturalType(bound);
    if (type === undefined) return undefined;
    const { settings } = this.context;
    const fact = { type, value: decodeText(bound.text, type, settings) };
    const isRead = bound.kind === 'number' || !this.runsLater || !isContextual(bound.text, type);
    return isRead ? fact : { ...fact, unread: bound.text };
  }

  /** `ARRAY[…]` alone is of the type that is wanted. */
  wantedArray(node: PgNode, wanted: SqlType, scope: Scope): Expr | undefined {
    const bind = (item: PgNode): Bound => this.binder.bindExpr(item, scope);
    const bound = wantedArrayOf(this.binder, node, wanted, bind);
    if (bound !== undefined) this.bounds.set(node, bound);
    return bound;
  }

  private callType(node: PgNode, name: string, now: SqlType | undefined): SqlType | undefined {
    if (!isNowLike(name)) return undefined;
    const bound = this.bounds.get(node);
    const own = bound === undefined || isUntyped(bound) ? TIMESTAMPTZ : bound.type;
    return { ...(now ?? own), precision: 0, precisionIsSet: false };
  }

  private sequence(node: PgNode): number | undefined {
    if (!('FuncCall' in node) || !SEQUENCE_FUNCTIONS.has(calledName(node) ?? '')) return undefined;
    const bound = this.bounds.get(node);
    if (bound?.kind !== 'call') return undefined;
    const [id] = bound.args;
    if (id?.kind !== 'const' || typeof id.value !== 'bigint') return undefined;
    const sequenceId = Number(id.value);
    if (!this.sequenceIds.includes(sequenceId)) this.sequenceIds.push(sequenceId);
    return sequenceId;
  }
}
