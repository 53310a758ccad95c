import { type LiftedLiteral, LiteralSlots } from './literal-slots';
import type { AConst } from './pg-tree';
import { isOp, type Token } from './token';

/**
 * Statements that differ in nothing but the values of their constants have one tree, and as a rule one plan. Here constants are
 * taken out of a text, and put into a tree such that it is known which of them were looked at: docs/decisions/0032.
 */

/** A number or string of a text. */
interface TakenLiteral {
  readonly kind: 'number' | 'string';
  readonly value: string;
  readonly start: number;
  /** Of the minus sign right before it. */
  readonly minusStart: number | undefined;
}

export interface TakenText {
  /** The same for all texts that differ in constants of the same classes. */
  readonly key: string;
  readonly literals: readonly TakenLiteral[];
}

/** More constants are bulk data, whose text is not seen twice. */
const LITERALS_MAX = 64;

/** Stands for a constant in a key, before its class; no text with it is taken apart. */
const MARK = '\u0001';

const INT4_MAX = 2_147_483_647;
/** All whole numbers of so many digits are INT8, with a sign or without. */
const INT8_DIGITS = 18;

/**
 * What the parser and the rules of types tell apart: INT4, INT8, fractions, strings. Undefined: it stays in the text, such as
 * numbers beyond INT8, those with an exponent, and strings with escapes.
 */
function classOf(token: Token, source: string): 'i' | 'l' | 'd' | 's' | undefined {
  const { type, value } = token;
  if (type === 'string') return source.charCodeAt(token.start) === 39 ? 's' : undefined;
  if (type !== 'number') return undefined;
  if (/^(?:0|[1-9]\d*)$/.test(value)) {
    if (value.length > INT8_DIGITS) return undefined;
    return Number(value) <= INT4_MAX ? 'i' : 'l';
  }
  return /^\d+\.\d+$/.test(value) ? 'd' : undefined;
}

/** @returns undefined when there is nothing to take out, or parameters of the client's are beside it */
export function takeLiterals(source: string, tokens: readonly Token[]): TakenText | undefined {
  if (source.includes(MARK)) return undefined;
  const literals: TakenLiteral[] = [];
  let key = '';
  let at = 0;
  let before: Token | undefined;
  for (const token of tokens) {
    if (token.type === 'placeholder') return undefined;
    const kind = classOf(token, source);
    if (kind !== undefined) {
      key += `${source.slice(at, token.start)}${MARK}${kind}`;
      at = token.end;
      literals.push({
        kind: kind === 's' ? 'string' : 'number',
        value: token.value,
        start: token.start,
        minusStart: isOp(before, '-') ? before?.start : undefined,
      });
    }
    before = token;
  }
  if (literals.length === 0 || literals.length > LITERALS_MAX) return undefined;
  return { key: key + source.slice(at), literals };
}

/**
 * Puts constants that report who reads them into a tree that was just parsed.
 * @returns undefined when a constant is not found in the tree as it is in the text: the tree is spoiled then
 */
export function liftLiterals(
  tree: object,
  literals: readonly TakenLiteral[],
): LiteralSlots | undefined {
  const slots = new LiteralSlots();
  const byStart = new Map<number, LiftedLiteral>();
  for (const [index, { kind, value, start, minusStart }] of literals.entries()) {
    const isWhole = kind === 'number' && !value.includes('.');
    const about = { slots, index, kind, isWhole };
    byStart.set(start, { ...about, sign: '' });
    // A minus sign is part of the constant where the parser takes it for one.
    if (minusStart !== undefined) byStart.set(minusStart, { ...about, sign: '-' });
  }
  const found = new Set<number>();
  visit(tree as Record<string, unknown>, (node) => {
    const literal = byStart.get(node.location ?? -1);
    if (literal === undefined) return node;
    const text = literal.sign + (literals[literal.index]?.value ?? '');
    if (!isWritten(node, literal, text)) return node;
    found.add(literal.index);
    return liftedConstant(node, literal);
  });
  return found.size === literals.length ? slots : undefined;
}

function visit(node: Record<string, unknown>, replace: (node: AConst) => AConst): void {
  for (const key in node) {
    const value = node[key];
    if (typeof value !== 'object' || value === null) continue;
    if (key === 'A_Const') node[key] = replace(value as AConst);
    else visit(value as Record<string, unknown>, replace);
  }
}

function isWritten(node: AConst, { kind }: LiftedLiteral, text: string): boolean {
  if (kind === 'string') return node.sval !== undefined && (node.sval.sval ?? '') === text;
  if (node.fval !== undefined) return node.fval.fval === text;
  return node.ival !== undefined && String(node.ival.ival ?? 0) === text.replace(/^-0$/, '0');
}

function liftedConstant(node: AConst, literal: LiftedLiteral): AConst {
  const { slots } = literal;
  const read = (): AConst => {
    const text = slots.read(literal);
    if (literal.kind === 'string') return { sval: { sval: text } };
    return node.fval === undefined ? { ival: { ival: Number(text) } } : { fval: { fval: text } };
  };
  const field = literal.kind === 'string' ? 'sval' : node.fval === undefined ? 'ival' : 'fval';
  const lifted: AConst = { ...(node.location === undefined ? {} : { location: node.location }) };
  Object.defineProperty(lifted, field, { enumerable: true, get: () => read()[field] });
  // Not seen by copies: who copies a constant has read it.
  Object.defineProperty(lifted, 'lifted', { value: literal });
  return lifted;
}
