import { notSupported } from '../../base/errors';
import { quoteIdentifier, quoteLiteral } from '../../catalog/identifiers';
import { arrayElements } from '../../catalog/types/array';
import { floatFromRepr, floatNestedText } from '../../catalog/types/float';
import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import { typeName } from '../../catalog/types/type-name';
import { names, tagOf } from '../bind/pg-access';
import { valueFunction } from '../bind/value-functions';
import { textEncoder } from '../builtins/repr';
import type { AExpr, BoolExpr, CaseExpr, FuncCall, PgNode, TypeCast } from '../parse/pg-tree';

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

/** A type in a stored expression: user-defined ones by OID. */
export function storedTypeName(type: SqlType): string {
  if (type.family === 'enum') return `@${type.oid}`;
  if (type.element?.family === 'enum') return `@${type.oid}`;
  return typeName(type);
}

const CANONICAL: { readonly [family: string]: string } = {
  int: 'INT8',
  float: 'FLOAT8',
  decimal: 'DECIMAL',
  string: 'STRING',
  time: 'TIME',
  timetz: 'TIMETZ',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  interval: 'INTERVAL',
  bit: 'VARBIT',
  geometry: 'GEOMETRY',
  geography: 'GEOGRAPHY',
};

/** A value with its type: `'x':::STRING`, `(-1):::INT8`, `NULL`, `true`. */
export function storedConstant(type: SqlType, value: Repr): string {
  if (value === null) return 'NULL';
  if (type.family === 'bool') return Number(value) === 0 ? 'false' : 'true';
  if (type.family === 'enum' && value instanceof Uint8Array) {
    return `x'${Buffer.from(value).toString('hex')}':::@${type.oid}`;
  }
  if (type.element !== undefined && value instanceof Uint8Array) {
    return storedArray(type, type.element, value);
  }
  const name = canonicalName(type);
  const text = textEncoder(type)(value);
  switch (type.family) {
    case 'timetz':
      return `'${/\d:\d\d:\d\d$/.test(text.slice(8)) ? text : `${text}:00`}':::${name}`;
    case 'collatedstring':
      return `${quoteLiteral(text)} COLLATE ${type.locale ?? ''}`;
    case 'int':
    case 'oid':
    case 'decimal': {
      if (!/^-?\d/.test(text)) return `'${text}':::${name}`;
      return text.startsWith('-') ? `(${text}):::${name}` : `${text}:::${name}`;
    }
    case 'float':
      return `${storedFloat(floatFromRepr(value))}:::${name}`;
    case 'bytes':
      return `'${text}':::${name}`;
    case 'bit':
      return `B'${text}'`;
    default:
      return `${quoteLiteral(text)}:::${name}`;
  }
}

const canonicalName = (type: SqlType): string =>
  type.oid === NAME_OID ? 'NAME' : (CANONICAL[type.family] ?? storedTypeName(type));

/** The type says what is in an array in which nothing else does. */
function storedArray(type: SqlType, element: SqlType, value: Uint8Array): string {
  const items = arrayElements(type, value);
  const texts = items.map((item) => storedConstant(element, item)).join(', ');
  const annotation = items.every((item) => item === null) ? `:::${arrayName(type)}` : '';
  return `ARRAY[${texts}]${annotation}`;
}

function storedFloat(value: number): string {
  const text = floatNestedText(value);
  if (!Number.isFinite(value)) return `'${text}'`;
  return text.startsWith('-') ? `(${text})` : text;
}

/** Arrays of constants are of the family's own type: `STRING[]` for a column of VARCHAR(3)[]. */
function arrayName(type: SqlType): string {
  const { element } = type;
  if (element === undefined || element.family === 'enum') return storedTypeName(type);
  return `${canonicalName(element)}[]`;
}

export function printExpression(node: PgNode, facts: ExpressionFacts): string {
  return new Printer(facts).print(node);
}

/** The type `name`. */
const NAME_OID = 19;

const BPCHAR_OID = 1042;

/** Operators that CockroachDB prints without blanks around them. */
const TIGHT = new Set(['->', '->>', '#>', '#>>']);

/** Functions that are operators to CockroachDB's grammar; printed in capitals. */
const CONSTRUCTS = new Set(['if', 'ifnull']);

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
    if ('RowExpr' in node) return `(${this.list(node.RowExpr.args ?? [])})`;
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
    const annotation = type === undefined ? '' : `:::${arrayName(type)}`;
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
      'NullTest' in node ||
      'BooleanTest' in node ||
      ('A_Expr' in node && node.A_Expr.kind !== 'AEXPR_NULLIF');
    return isOperator ? `(${text})` : text;
  }

  private operator(node: AExpr): string {
    const name = names(node.name).at(-1) ?? '';
    const left = (): string => this.inner(node.lexpr);
    switch (node.kind) {
      case 'AEXPR_OP': {
        if (node.lexpr === undefined) return `${name}${this.inner(node.rexpr)}`;
        const right = this.inner(node.rexpr);
        const shown = name === '<>' ? '!=' : name;
        return TIGHT.has(name) ? `${left()}${name}${right}` : `${left()} ${shown} ${right}`;
      }
      case 'AEXPR_IN':
        return `${left()} ${name === '<>' ? 'NOT IN' : 'IN'} (${this.list(items(node.rexpr))})`;
      case 'AEXPR_BETWEEN':
      case 'AEXPR_NOT_BETWEEN': {
        const word = node.kind === 'AEXPR_BETWEEN' ? 'BETWEEN' : 'NOT BETWEEN';
        const [low, high] = items(node.rexpr);
        return `${left()} ${word} ${this.inner(low)} AND ${this.inner(high)}`;
      }
      case 'AEXPR_DISTINCT':
        return `${left()} IS DISTINCT FROM ${this.inner(node.rexpr)}`;
      case 'AEXPR_NOT_DISTINCT':
        return `${left()} IS NOT DISTINCT FROM ${this.inner(node.rexpr)}`;
      case 'AEXPR_NULLIF':
        return `NULLIF(${[node.lexpr, node.rexpr].map((arg) => (arg === undefined ? '' : this.print(arg))).join(', ')})`;
      case 'AEXPR_LIKE':
      case 'AEXPR_ILIKE': {
        if (node.rexpr !== undefined && 'FuncCall' in node.rexpr)
          throw notSupported('ESCAPE in a definition');
        const word = node.kind === 'AEXPR_LIKE' ? 'LIKE' : 'ILIKE';
        return `${left()} ${name.startsWith('!') ? 'NOT ' : ''}${word} ${this.inner(node.rexpr)}`;
      }
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL': {
        const word = node.kind === 'AEXPR_OP_ANY' ? 'ANY' : 'ALL';
        return `${left()} ${name === '<>' ? '!=' : name} ${word} ${this.inner(node.rexpr)}`;
      }
      default:
        throw notSupported('this operator in a definition');
    }
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
      const typed =
        array === 'ARRAY[]' || array.endsWith(own) ? array.replace(own, '') + own : array;
      if (typed.endsWith(own) && storedTypeName(type) === arrayName(type)) return typed;
      return `${typed}::${storedTypeName(type)}`;
    }
    if (node.annotation === true) {
      // A call that says its type already is not told twice.
      const text = this.inner(node.arg).replace(/\(\):::[A-Z0-9]+$/, '()');
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
    const shown = CONSTRUCTS.has(name) ? name.toUpperCase() : name;
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
    return `${called.name}(${digits})${this.annotation(node, called.name)}`;
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

/** Families whose values have no other form: a cast of a constant to them leaves nothing to do. */
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
  if (constant.oid !== type.oid) return false;
  // BPCHAR without a width prints as CHAR, which would cut.
  if (UNPARAMETERIZED.has(type.family) || (type.oid === BPCHAR_OID && type.width === 0))
    return true;
  const name = type.element === undefined ? canonicalName(type) : arrayName(type);
  return storedTypeName(type) === name;
}

const items = (node: PgNode | undefined): readonly PgNode[] =>
  node !== undefined && 'List' in node ? (node.List.items ?? []) : [];
