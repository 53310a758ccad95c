import type { Repr } from '../../../catalog/types/sql-type';
import type { SessionValues } from '../../../sql/builtins/repr';
import { lex } from '../../../sql/parse/lexer';
import { takeLiterals } from '../../../sql/parse/lifted-literals';
import { LiftedPlans, type TextTemplate, templateOf } from '../../../sql/session/text-template';

/** A text with other constants of the same classes: what it is compiled to must do for the text itself. */
export function otherConstants(sql: string, shift: number): string {
  const tokens = lex(sql);
  const taken = takeLiterals(sql, tokens);
  let text = '';
  let at = 0;
  for (const { kind, value, start } of taken?.literals ?? []) {
    const end = tokens.find((token) => token.start === start)?.end ?? start;
    text += sql.slice(at, start);
    text +=
      kind === 'string' ? otherString(sql.slice(start, end), shift) : otherNumber(value, shift);
    at = end;
  }
  return text + sql.slice(at);
}

/** As many digits, so that it stays what it is: another day, another number, another prefix of a pattern. */
const otherString = (quoted: string, shift: number): string =>
  shift === 0
    ? quoted
    : quoted.replace(/[1-8a-y]/g, (c) => String.fromCharCode(c.charCodeAt(0) ^ shift));

function otherNumber(text: string, shift: number): string {
  if (text.includes('.')) return `${shift}${text}`;
  return String((BigInt(text) + BigInt(shift)) % 10n ** 17n);
}

/** The template of a text's like: made from other constants. */
export function templateLike(sql: string, shift: number): TextTemplate | undefined {
  const other = otherConstants(sql, shift);
  const taken = takeLiterals(other, lex(other));
  if (taken === undefined || taken.key !== takeLiterals(sql, lex(sql))?.key) return undefined;
  return templateOf(other, taken);
}

export const textsOf = (sql: string): string[] =>
  (takeLiterals(sql, lex(sql))?.literals ?? []).map(({ value }) => value);

/**
 * A text compiled by way of its template, which was compiled with other constants before.
 * @returns undefined: it has to be compiled as it is
 */
export function compileLifted<Query>(
  sql: string,
  shift: number,
  session: SessionValues,
  compile: (template: TextTemplate) => Query,
):
  | { readonly query: Query; readonly values: readonly Repr[]; readonly shared: boolean }
  | undefined {
  const template = templateLike(sql, shift);
  if (template === undefined) return undefined;
  const plans = new LiftedPlans<Query>();
  const add = (texts: readonly string[]): void => {
    try {
      const { result, literals } = template.slots.during(texts, () => compile(template));
      plans.add({ key: '', literals, texts, query: result });
    } catch {
      // As in the session: nothing to keep.
    }
  };
  add(textsOf(otherConstants(sql, shift)));
  const shared = plans.find('', textsOf(sql), () => session);
  if (shared !== undefined) return { ...shared, shared: true };
  add(textsOf(sql));
  const own = plans.find('', textsOf(sql), () => session);
  return own && { ...own, shared: false };
}
