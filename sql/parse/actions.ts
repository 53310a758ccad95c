import { SqlError } from '../../base/errors';
import type {
  AsOfClause,
  BackupOptions,
  BackupStatement,
  BackupTargets,
  JobSelection,
  KeyValueOption,
  QualifiedName,
  SelectStatement,
  SetValue,
  Statement,
  StringOrPlaceholder,
  TablePattern,
  TransactionModes,
  Uris,
} from './ast';
import { rangeText } from './context';
import type { GrammarToken } from './grammar-tokens';
import type { PgNode } from './pg-tree';
import { parseAsOf, parseExpressionRange, parseSelectRange } from './query';
import { syntaxErrorAt } from './syntax-error';

/** What the grammar's postprocessors call to turn tokens into pieces of statements. */

export function nameOf(token: GrammarToken): string {
  return token.token.value;
}

export function locationOf(token: GrammarToken): number {
  return token.token.start;
}

export function stringOf(token: GrammarToken): StringOrPlaceholder {
  const { value, start: location } = token.token;
  return token.type === 'placeholder'
    ? { kind: 'placeholder', index: Number(value), location }
    : { kind: 'string', value, location };
}

export function subdirectoryOf(token: GrammarToken): StringOrPlaceholder | 'LATEST' {
  const isLatest = token.type !== 'placeholder' && nameOf(token).toLowerCase() === 'latest';
  return isLatest ? 'LATEST' : stringOf(token);
}

export function qualifiedName(tokens: readonly GrammarToken[]): QualifiedName {
  const [first] = tokens;
  return {
    parts: tokens.map(nameOf),
    location: first === undefined ? 0 : locationOf(first),
  };
}

export function tablePattern(
  tokens: readonly GrammarToken[],
  star: GrammarToken | null,
  alias: GrammarToken | null,
): TablePattern {
  const first = tokens[0] ?? star;
  return {
    parts: tokens.map(nameOf),
    star: star !== null,
    as: alias === null ? null : nameOf(alias),
    location: first === null || first === undefined ? 0 : locationOf(first),
  };
}

export function keyValue(name: GrammarToken, value: GrammarToken | null): KeyValueOption {
  return {
    name: nameOf(name),
    value: value === null ? null : stringOf(value),
    location: locationOf(name),
  };
}

export function expressionOf(token: GrammarToken): PgNode {
  return parseExpressionRange(token.context, token.from, token.to);
}

export function backupInto(
  targets: BackupTargets,
  collection: Uris,
  options: BackupOptions,
): BackupStatement {
  const destination = { kind: 'collection', subdirectory: null, collection } as const;
  return { kind: 'Backup', targets, destination, asOf: null, options };
}

export function asOfOf(token: GrammarToken): AsOfClause {
  return parseAsOf(token.context, token.from, token.to);
}

export function jobById(token: GrammarToken): JobSelection {
  return { kind: 'id', expression: expressionOf(token) };
}

export function jobsByQuery(token: GrammarToken): JobSelection {
  return { kind: 'select', select: parseSelectRange(token.context, token.from, token.to) };
}

/** Rows of ids: a query's, or one expression's value. */
export function idsOf(token: GrammarToken): SelectStatement {
  const text = textOf(token);
  if (/^\(?\s*(select|values|with|table)\b/i.test(text)) {
    return parseSelectRange(token.context, token.from, token.to);
  }
  const tree = { targetList: [{ ResTarget: { val: expressionOf(token) } }], op: 'SETOP_NONE' };
  return { kind: 'Select', asOf: null, tree } as unknown as SelectStatement;
}

export function statementOf(token: GrammarToken): Statement {
  return token.context.parseRange(token.context, token.from, token.to);
}

export function textOf(token: GrammarToken): string {
  return rangeText(token.context, token.from, token.to);
}

/** A setting's value: one word, string or number as its text, anything else as an expression. */
export function setValue(token: GrammarToken): SetValue {
  const { context, from, to } = token;
  const { start: location } = token.token;
  const sign = context.tokens[from];
  const last = context.tokens[to - 1];
  const isNull = last?.type === 'word' && last.value === 'null';
  if (to - from === 1 && last !== undefined && TEXT_TYPES.has(last.type) && !isNull) {
    return { kind: 'text', text: last.value, location };
  }
  const isSigned = to - from === 2 && last?.type === 'number' && sign?.type === 'op';
  if (isSigned && (sign.value === '-' || sign.value === '+')) {
    return { kind: 'text', text: `${sign.value === '-' ? '-' : ''}${last.value}`, location };
  }
  const expression = parseExpressionRange(context, from, to);
  return { kind: 'expression', expression, text: textOf(token), location };
}

const TEXT_TYPES = new Set(['word', 'quoted', 'string', 'number']);

/** `null` for DEFAULT. */
export function setValues(tokens: readonly GrammarToken[]): readonly SetValue[] | null {
  const [only] = tokens;
  if (tokens.length === 1 && only !== undefined && isBareWord(only, 'default')) return null;
  return tokens.map(setValue);
}

/** `null` for DEFAULT and LOCAL. */
export function timeZoneValues(tokens: readonly GrammarToken[]): readonly SetValue[] | null {
  const [only] = tokens;
  return only !== undefined && isBareWord(only, 'local') ? null : setValues(tokens);
}

function isBareWord(token: GrammarToken, word: string): boolean {
  return token.to - token.from === 1 && token.token.type === 'word' && token.token.value === word;
}

type Mode = Partial<TransactionModes>;

const NO_MODES: TransactionModes = {
  isolation: null,
  priority: null,
  readOnly: null,
  deferrable: null,
  asOf: null,
};

const MODE_NAMES: Readonly<Record<keyof TransactionModes, string>> = {
  isolation: 'isolation level',
  priority: 'user priority',
  readOnly: 'read mode',
  deferrable: 'deferrable mode',
  asOf: 'AS OF SYSTEM TIME',
};

/** @throws SqlError syntaxError (42601): one of them is there twice */
export function transactionModes(modes: readonly Mode[]): TransactionModes {
  const names = modes.flatMap((mode) => Object.keys(mode)) as (keyof TransactionModes)[];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new SqlError('syntaxError', `${MODE_NAMES[twice]} specified multiple times`);
  }
  return Object.assign({ ...NO_MODES }, ...modes) as TransactionModes;
}

/** The optional parts of CREATE DATABASE, each at most once. */
export function once<T extends object>(
  parts: readonly { readonly part: T; readonly token: GrammarToken }[],
): T {
  const all = {} as T;
  for (const { part, token } of parts) {
    for (const key of Object.keys(part)) {
      if (key in all) {
        throw syntaxErrorAt(token.context.source, token.token, {
          reason: `${nameOf(token)} specified multiple times`,
        });
      }
    }
    Object.assign(all, part);
  }
  return all;
}
