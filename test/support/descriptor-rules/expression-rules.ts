import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { parseStatement } from '../../../sql/parse/parse';
import type { Descriptors } from './reference-rules';

/** Expressions as descriptors keep them: types by OID (in views by name), sequences by id, columns by their bare names. */

interface StoredExpression {
  readonly about: string;
  readonly text: string;
}

export function tableExpressions(table: TableDescriptor): StoredExpression[] {
  const of = (about: string, text: string): StoredExpression => ({
    about: `${table.name}: ${about}`,
    text,
  });
  const indexes = [
    ...(table.primaryIndex === undefined ? [] : [table.primaryIndex]),
    ...table.indexes,
  ];
  return [
    ...table.columns.flatMap(({ name, defaultExpr, computeExpr, onUpdateExpr }) => [
      of(`DEFAULT of ${name}`, defaultExpr),
      of(`computed ${name}`, computeExpr),
      of(`ON UPDATE of ${name}`, onUpdateExpr),
    ]),
    ...table.checks.map(({ name, expr }) => of(`check ${name}`, expr)),
    ...indexes.map(({ name, predicate }) => of(`predicate of ${name}`, predicate)),
    ...table.uniqueWithoutIndexConstraints.map(({ name, predicate }) =>
      of(`predicate of ${name}`, predicate),
    ),
    of('view', table.viewQuery),
  ].filter(({ text }) => text !== '');
}

const TYPE = /@(\d{6,})/g;

/** Ids of the user-defined types that an expression names. */
export function typesIn(text: string): number[] {
  return [...text.matchAll(TYPE)].map(([, oid]) => Number(oid) - 100_000);
}

/** Names of the columns of an expression. */
export function columnsIn(text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('ColumnRef' in node) {
      const { fields } = node.ColumnRef as { fields: readonly { String?: { sval?: string } }[] };
      found.push(fields.map(({ String: name }) => name?.sval ?? '*').join('.'));
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(parseStatement(`SELECT ${text}`));
  return found;
}

const SEQUENCE = /\b(?:nextval|currval|setval)\((\d+):::REGCLASS/g;
const NAMED_SEQUENCE = /\b(?:nextval|currval|setval)\(\s*'/;
const STRING = /'(?:[^']|'')*'/g;
/** Types that say a width: their numbers are no literals. */
const TYPE_WIDTH = /::[A-Z0-9_]+\(\d+(?:,\d+)?\)/g;
/** The bytes of an enum's member are no BYTES. */
const ANNOTATED_BYTES = /:::BYTES:::/;
/** PostgreSQL's names of LIKE and ILIKE, which CockroachDB's grammar does not know. */
const PATTERN_OPERATOR = /~~/;
/** Names that it reserves and PostgreSQL does not. */
const RESERVED_NAME = /(?<!\w)(?:authorization|family|index|none|nothing|visible)(?!\w)/;
const QUOTED = /"(?:[^"]|"")*"/g;
/** What stands behind COLLATE is one word, or its hyphens are signs. */
const HYPHENATED_LOCALE = /\bCOLLATE\s+(?:"|\w+[-[])/;
/** A literal that stands alone, as an argument or beside an operator has its type behind it. */
const BARE_LITERAL =
  /(?:^|[-+*/<>=(,]\s*)(?:\d+(?:\.\d+)?|'')(?!\s*:::|\s*COLLATE|[\d.]|\w|\)+:::)/;

export function expressionProblems(table: TableDescriptor, among: Descriptors): void {
  const { problems, all } = among;
  const names = [...all.values()].flatMap((union) =>
    union.case === 'type' ? [union.value.name] : [],
  );
  for (const { about, text } of tableExpressions(table)) {
    const check = (condition: boolean, line: string) =>
      problems.check(condition, `${about}: ${line}: ${text}`);
    for (const [, id] of text.matchAll(SEQUENCE)) {
      const sequence = among.table(Number(id));
      if (sequence === undefined) check(!among.isWhole(table), `sequence ${id} is not there`);
      else
        check(
          sequence.dependedOnBy.some((each) => each.id === table.id && each.byId),
          `${sequence.name} does not know of it by id`,
        );
    }
    if (text !== table.viewQuery) check(!NAMED_SEQUENCE.test(text), 'a sequence by name');
    const bare = text.replace(STRING, "''").replace(TYPE_WIDTH, '::T');
    // RESTORE gives types new ids; before v23.2 it does so in expressions, and leaves views as they are.
    const isView = text === table.viewQuery;
    check(!isView || typesIn(bare).length === 0, 'a type by its OID');
    for (const name of isView ? [] : names) {
      const named = new RegExp(`::\\s*"?(?:\\w+"?\\.)*"?${name.replace(/\W/g, '\\$&')}\\b`, 'i');
      check(!named.test(bare), `type ${name} by name`);
    }
    check(!PATTERN_OPERATOR.test(bare), 'an operator of PostgreSQL alone');
    check(!RESERVED_NAME.test(bare.replace(QUOTED, '""')), 'a reserved name without quotes');
    if (isView) continue;
    const columns = table.columns.map((column) => column.name);
    const unknown = columnsIn(text).filter((name) => !columns.includes(name));
    check(unknown.length === 0, `columns ${unknown.join(', ')} that the table does not have`);
    check(
      !/\bCURRENT_(?:DATE|TIMESTAMP|TIME|USER)\b(?!\()/i.test(bare),
      'a keyword in the place of a function',
    );
    check(!BARE_LITERAL.test(bare), 'a literal without its type');
    check(!ANNOTATED_BYTES.test(bare), 'a value with two types');
    check(!HYPHENATED_LOCALE.test(bare), 'a locale that is not one word');
  }
}
