import { notSupported } from '../../base/errors';
import { quoteIdentifier, quoteLiteral } from '../../catalog/identifiers';
import { localeName } from '../../catalog/types/locale-name';
import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { PLAIN_COLLATIONS } from '../bind/bind-collate';
import { names, tagOf } from '../bind/pg-access';
import { valueFunction, writtenName } from '../bind/value-functions';
import type {
  AExpr,
  AIndirection,
  BoolExpr,
  CaseExpr,
  CollateClause,
  FuncCall,
  PgNode,
  RowExpr,
  TypeCast,
} from '../parse/pg-tree';
import { arrayName, canonicalName, storedConstant, storedTypeName } from './stored-constant';

/**
 * Expressions as CockroachDB v21.2 stores them in descriptors: operators in parentheses wherever they stand inside others,
 * constants with their types (`0:::INT8`), casts as `x::T`, sequences and user-defined types by id.
 */
export interface ExpressionFacts {
  /** The type of an untyped constant's node and its value. */
  constant(node: PgNode): ConstantFact | undefined;
  /** What `x::T` names. */
  castType(node: TypeCast): SqlType;
  /** The type of ARRAY[…]. */
  arrayType(node: PgNode): SqlType | undefined;
  /** The type of a call whose name alone does not say it (`now()`). */
  callType(node: PgNode, name: string): SqlType | undefined;
  /** The id in a sequence function's first argument, when it names a sequence. */
  sequence(node: PgNode): number | undefined;
}

export interface ConstantFact {
  readonly type: SqlType;
  readonly value: Repr;
  /** The text of one that means something else at another time or in another time zone: it is read again each time. */
  readonly unread?: string;
}

export function printExpression(node: PgNode, facts: ExpressionFacts): string {
  return new Printer(facts).print(node);
}

const BPCHAR_OID = 1042;

/** Operators that CockroachDB prints without blanks around them. */
const TIGHT = new Set(['->', '->>', '#>', '#>>']);

/** Functions that are operators to CockroachDB's grammar; printed in capitals. */
const CONSTRUCTS = new Set(['if', 'ifnull']);

/** What PostgreSQL's grammar names otherwise: CockroachDB's knows no `~~`. */
export const OPERATORS: { readonly [name: string]: string } = {
  '<>': '!=',
  '~~': 'LIKE',
  '!~~': 'NOT LIKE',
  '~~*': 'ILIKE',
  '!~~*': 'NOT ILIKE',
};

/** What PostgreSQL's grammar makes a function of, by the name that it has in CockroachDB. */
const FUNCTIONS: { readonly [name: string]: string } = { position: 'strpos' };

const BETWEEN = {
  AEXPR_BETWEEN: 'BETWEEN',
  AEXPR_NOT_BETWEEN: 'NOT BETWEEN',
  AEXPR_BETWEEN_SYM: 'BETWEEN SYMMETRIC',
  AEXPR_NOT_BETWEEN_SYM: 'NOT BETWEEN SYMMETRIC',
} as const;

const PATTERN = {
  AEXPR_LIKE: { words: 'LIKE', escaped: 'like_escape' },
  AEXPR_ILIKE: { words: 'ILIKE', escaped: 'ilike_escape' },
  AEXPR_SIMILAR: { words: 'SIMILAR TO', escaped: 'similar_to_escape' },
} as const;

class Printer {
  private readonly facts: ExpressionFacts;

  constructor(facts: ExpressionFacts) {
    this.facts = facts;
  }

  print(node: PgNode): string {
    const constant = this.facts.constant(node);
    if (constant?.unread !== undefined) {
      return `${quoteLiteral(constant.unread)}:::STRING::${storedTypeName(constant.type)}`;
    }
    if (constant !== undefined) return storedConstant(constant.type, constant.value);
    if ('A_Const' in node) return this.plainConstant(node);
    if ('ColumnRef' in node) return quoteIdentifier(names(node.ColumnRef.fields).at(-1) ?? '');
    if ('A_Expr' in node) return this.operator(node.A_Expr);
    if ('BoolExpr' in node) return this.boolean(node.BoolExpr);
    if ('TypeCast' in node) return this.cast(node.TypeCast);
    if ('FuncCall' in node) return this.call(node);
    if ('SQLValueFunction' in node) return this.valueFunction(node);
    if ('NullTest' in node) {
      const test = node.NullTest.nulltesttype === 'IS_NULL' ? 'IS NULL' : 'IS NOT NULL';
      return `${this.inner(node.NullTest.arg)} ${test}`;
    }
    if ('BooleanTest' in node) {
      const word = node.BooleanTest.booltesttype.replaceAll('_', ' ');
      return `${this.inner(node.BooleanTest.arg)} ${word}`;
    }
    if ('CaseExpr' in node) return this.caseOf(node.CaseExpr);
    if ('CoalesceExpr' in node) return `COALESCE(${this.list(node.CoalesceExpr.args)})`;
    if ('MinMaxExpr' in node) {
      const name = node.MinMaxExpr.op === 'IS_GREATEST' ? 'greatest' : 'least';
      return `${name}(${this.list(node.MinMaxExpr.args)})`;
    }
    if ('A_ArrayExpr' in node) return this.array(node, node.A_ArrayExpr.elements ?? []);
    if ('RowExpr' in node) return this.row(node.RowExpr);
    if ('A_Indirection' in node) return this.subscripted(node.A_Indirection);
    if ('CollateClause' in node) return this.collated(node.CollateClause);
    throw notSupported(`${tagOf(node)} in a definition`);
  }

  private plainConstant(node: PgNode): string {
    if ('A_Const' in node) {
      const constant = node.A_Const;
      if (constant.isnull === true) return 'NULL';
      if (constant.boolval !== undefined) return String(constant.boolval.boolval === true);
      const bits = constant.bsval?.bsval;
      if (bits?.startsWith('x')) return `'\\x${bits.slice(1)}':::BYTES`;
      if (bits !== undefined) return `B'${bits.slice(1)}'`;
    }
    throw notSupported('a constant of this kind in a definition');
  }

  private array(node: PgNode, elements: readonly PgNode[]): string {
    const type = this.facts.arrayType(node);
    const element = type?.element?.family;
    // Those of rows and of collated strings have no name that an annotation could say: their elements tell it.
    const isTold =
      element === 'tuple' || (element === 'collatedstring' && elements.some(isNotNull));
    const annotation = type === undefined || isTold ? '' : `:::${arrayName(type)}`;
    return `ARRAY[${this.list(elements)}]${annotation}`;
  }

  private list(nodes: readonly PgNode[]): string {
    return nodes.map((node) => this.print(node)).join(', ');
  }

  /** An operand: in parentheses when it is an operator itself. */
  private inner(node: PgNode | undefined): string {
    if (node === undefined) return '';
    const text = this.print(node);
    if (this.facts.constant(node) !== undefined) return text;
    const isOperator =
      'BoolExpr' in node ||
      'CollateClause' in node ||
      'NullTest' in node ||
      'BooleanTest' in node ||
      ('A_Expr' in node && node.A_Expr.kind !== 'AEXPR_NULLIF');
    return isOperator ? `(${text})` : text;
  }

  /** Of BETWEEN: COLLATE may not stand there without parentheses. */
  private bound(node: PgNode | undefined): string {
    const fact = node === undefined ? undefined : this.facts.constant(node);
    const text = this.inner(node);
    return fact?.type.family === 'collatedstring' ? `(${text})` : text;
  }

  private operator(node: AExpr): string {
    const name = names(node.name).at(-1) ?? '';
    const left = (): string => this.inner(node.lexpr);
    switch (node.kind) {
      case 'AEXPR_OP': {
        if (node.lexpr === undefined) return `${name}${this.inner(node.rexpr)}`;
        const right = this.inner(node.rexpr);
        const shown = OPERATORS[name] ?? name;
        return TIGHT.has(name) ? `${left()}${name}${right}` : `${left()} ${shown} ${right}`;
      }
      case 'AEXPR_IN':
        return `${left()} ${name === '<>' ? 'NOT IN' : 'IN'} (${this.list(items(node.rexpr))})`;
      case 'AEXPR_BETWEEN':
      case 'AEXPR_NOT_BETWEEN':
      case 'AEXPR_BETWEEN_SYM':
      case 'AEXPR_NOT_BETWEEN_SYM': {
        const [low, high] = items(node.rexpr);
        return `${left()} ${BETWEEN[node.kind]} ${this.bound(low)} AND ${this.inner(high)}`;
      }
      case 'AEXPR_DISTINCT':
        return `${left()} IS DISTINCT FROM ${this.inner(node.rexpr)}`;
      case 'AEXPR_NOT_DISTINCT':
        return `${left()} IS NOT DISTINCT FROM ${this.inner(node.rexpr)}`;
      case 'AEXPR_NULLIF':
        return `NULLIF(${[node.lexpr, node.rexpr].map((arg) => (arg === undefined ? '' : this.print(arg))).join(', ')})`;
      case 'AEXPR_LIKE':
      case 'AEXPR_ILIKE':
      case 'AEXPR_SIMILAR':
        return this.pattern(node, node.kind, name.startsWith('!'));
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL': {
        const word = node.kind === 'AEXPR_OP_ANY' ? 'ANY' : 'ALL';
        return `${left()} ${OPERATORS[name] ?? name} ${word} ${this.inner(node.rexpr)}`;
      }
    }
  }

  /** With ESCAPE it is a function to CockroachDB's grammar: `not_like_escape(a, 'x%', '!')`. */
  private pattern(node: AExpr, kind: keyof typeof PATTERN, negative: boolean): string {
    const { words, escaped } = PATTERN[kind];
    const call = node.rexpr !== undefined && 'FuncCall' in node.rexpr ? node.rexpr.FuncCall : null;
    const called = names(call?.funcname ?? []).at(-1) ?? '';
    const isGrammar = called === 'like_escape' || called === 'similar_to_escape';
    const args = isGrammar ? (call?.args ?? []) : [];
    if (args.length > 1) {
      const name = negative ? `not_${escaped}` : escaped;
      return `${name}(${this.list([...(node.lexpr === undefined ? [] : [node.lexpr]), ...args])})`;
    }
    const right = this.inner(args[0] ?? node.rexpr);
    return `${this.inner(node.lexpr)} ${negative ? 'NOT ' : ''}${words} ${right}`;
  }

  /** `(a, b)`, `((a, b) AS x, y)`; without its comma `(a,)` would be `a` itself. */
  private row({ args = [], labels }: RowExpr): string {
    if (args.length === 0) return 'ROW()';
    const list = `(${this.list(args)}${args.length === 1 ? ',' : ''})`;
    return labels === undefined ? list : `(${list} AS ${labels.map(quoteIdentifier).join(', ')})`;
  }

  /** `a[1:::INT8]`, `(row).field` */
  private subscripted({ arg, indirection }: AIndirection): string {
    let text = this.print(arg);
    let isClosed = 'ColumnRef' in arg;
    for (const step of indirection) {
      const inner = isClosed ? text : `(${text})`;
      if ('String' in step) {
        text = `(${text}).${quoteIdentifier(step.String.sval ?? '')}`;
      } else if ('A_Indices' in step && step.A_Indices.is_slice !== true) {
        const { uidx } = step.A_Indices;
        text = `${inner}[${uidx === undefined ? '' : this.print(uidx)}]`;
      } else throw notSupported('slices and `.*` in a definition');
      isClosed = true;
    }
    return text;
  }

  private collated({ arg, collname }: CollateClause): string {
    const locale = names(collname).at(-1) ?? '';
    if (PLAIN_COLLATIONS.has(locale)) return this.print(arg);
    const constant = this.facts.constant(arg);
    const text =
      constant !== undefined && typeof constant.value === 'string'
        ? quoteLiteral(constant.value)
        : this.inner(arg);
    return `${text} COLLATE ${localeName(locale)}`;
  }

  /** `a AND b AND c` groups to the left. */
  private boolean(node: BoolExpr): string {
    if (node.boolop === 'NOT_EXPR') return `NOT ${this.inner(node.args[0])}`;
    const word = node.boolop === 'AND_EXPR' ? 'AND' : 'OR';
    const [first, ...rest] = node.args.map((arg) => this.inner(arg));
    return rest.reduce(
      (text, arg, i) => `${i > 0 ? `(${text})` : text} ${word} ${arg}`,
      first ?? '',
    );
  }

  private cast(node: TypeCast): string {
    const type = this.facts.castType(node);
    const constant = this.facts.constant(node.arg);
    // A constant takes the type itself.
    if (constant !== undefined && takesType(constant.type, type)) return this.print(node.arg);
    if ('A_ArrayExpr' in node.arg) {
      const array = this.print(node.arg);
      const own = `:::${arrayName(type)}`;
      // Its elements took the annotation's type.
      if (node.annotation === true && this.facts.arrayType(node.arg) === undefined)
        return array + own;
      const typed =
        array === 'ARRAY[]' || array.endsWith(own) ? array.replace(own, '') + own : array;
      if (typed.endsWith(own) && storedTypeName(type) === arrayName(type)) return typed;
      return `${typed}::${storedTypeName(type)}`;
    }
    if (node.annotation === true) {
      const member = enumMember(node, type);
      if (member !== undefined) return member;
      // A call that says its type already is not told twice.
      const text = this.inner(node.arg).replace(/\((\d+:::INT8)?\):::[A-Z0-9]+$/, '($1)');
      return `${text}:::${storedTypeName(type)}`;
    }
    return this.isOfType(node.arg, type)
      ? this.print(node.arg)
      : `${this.inner(node.arg)}::${storedTypeName(type)}`;
  }

  /** A constant that is annotated with the type, as releases up to v19.2 wrote it under a cast: `1.3:::DECIMAL::DECIMAL`. */
  private isOfType(node: PgNode, type: SqlType): boolean {
    if (!('TypeCast' in node) || node.TypeCast.annotation !== true) return false;
    if (this.facts.constant(node.TypeCast.arg) === undefined) return false;
    return storedTypeName(this.facts.castType(node.TypeCast)) === storedTypeName(type);
  }

  private call(node: PgNode & { readonly FuncCall: FuncCall }): string {
    const call = node.FuncCall;
    if (call.agg_star === true || call.over !== undefined || call.agg_distinct === true) {
      throw notSupported('an aggregate in a definition');
    }
    const parts = names(call.funcname);
    const name = parts.filter((part) => part !== 'pg_catalog').join('.');
    const args = call.args ?? [];
    const [sequenceNode] = args;
    const id = sequenceNode === undefined ? undefined : this.facts.sequence(node);
    const texts = args.map((arg, i) =>
      i === 0 && id !== undefined ? `${id}:::REGCLASS` : this.print(arg),
    );
    const shown = CONSTRUCTS.has(name) ? name.toUpperCase() : (FUNCTIONS[name] ?? name);
    return `${shown}(${texts.join(', ')})${this.annotation(node, name)}`;
  }

  private annotation(node: PgNode, name: string): string {
    const type = this.facts.callType(node, name);
    return type === undefined ? '' : `:::${storedTypeName(type)}`;
  }

  private valueFunction(node: PgNode): string {
    const { op, typmod = 0 } = 'SQLValueFunction' in node ? node.SQLValueFunction : { op: '' };
    const called = valueFunction(op);
    if (called === undefined) throw notSupported(`${op.slice(6)} in a definition`);
    const digits = called.hasPrecision ? `${typmod}:::INT8` : '';
    return `${writtenName(called)}(${digits})${this.annotation(node, called.name)}`;
  }

  private caseOf(node: CaseExpr): string {
    const subject = node.arg === undefined ? '' : ` ${this.print(node.arg)}`;
    const arms = node.args.map(
      ({ CaseWhen: arm }) => ` WHEN ${this.print(arm.expr)} THEN ${this.print(arm.result)}`,
    );
    const otherwise = node.defresult === undefined ? '' : ` ELSE ${this.print(node.defresult)}`;
    return `CASE${subject}${arms.join('')}${otherwise} END`;
  }
}

/** `x'40':::@100053`: the bytes are those of the value, not BYTES. */
function enumMember({ arg }: TypeCast, type: SqlType): string | undefined {
  if (type.family !== 'enum' || !('A_Const' in arg)) return undefined;
  const bits = arg.A_Const.bsval?.bsval;
  if (bits?.startsWith('x') !== true) return undefined;
  return storedConstant(type, Buffer.from(bits.slice(1), 'hex'));
}

/** Families whose values have no other form, unless a precision or fields are given: a cast of a constant to them leaves nothing to do. */
const UNPARAMETERIZED = new Set<TypeFamily>([
  'bool',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'bytes',
]);

/** Whether `x::T` of a constant is the constant: a width or another name of the type stays to be applied. */
function takesType(constant: SqlType, type: SqlType): boolean {
  if (constant.oid !== type.oid || type.precisionIsSet || (type.intervalTo ?? 0) > 0) return false;
  // BPCHAR without a width prints as CHAR, which would cut.
  if (UNPARAMETERIZED.has(type.family) || (type.oid === BPCHAR_OID && type.width === 0))
    return true;
  const name = type.element === undefined ? canonicalName(type) : arrayName(type);
  return storedTypeName(type) === name;
}

const isNotNull = (node: PgNode): boolean => !('A_Const' in node && node.A_Const.isnull === true);

const items = (node: PgNode | undefined): readonly PgNode[] =>
  node !== undefined && 'List' in node ? (node.List.items ?? []) : [];
