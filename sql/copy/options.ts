import { notSupported, SqlError } from '../../base/errors';
import type { DefElem } from '../parse/pg-tree';

/** What COPY's options say, with PostgreSQL's defaults and errors. */

/** Every column, or those named. */
export type ColumnChoice = '*' | readonly string[];

export interface CopyOptions {
  readonly format: 'text' | 'csv' | 'binary';
  readonly delimiter: string;
  /** What stands for NULL. */
  readonly nullText: string;
  /** CSV: the first line holds names; `match`: they are compared. */
  readonly header: boolean | 'match';
  readonly quote: string;
  readonly escapeCharacter: string;
  /** CSV out: values that are always quoted. */
  readonly forceQuote: ColumnChoice;
  /** CSV in: columns whose values are never, or also when quoted, taken for NULL. */
  readonly forceNotNull: readonly string[];
  readonly forceNull: readonly string[];
}

const QUOTE_DEFAULT: DefElem = { defname: 'quote', arg: { String: { sval: '"' } } };
const CR_OR_NEWLINE = /[\r\n]/;

/** @throws SqlError 42601, 22023, 0A000 */
export function copyOptions(given: readonly DefElem[], isFrom: boolean): CopyOptions {
  const byName = new Map<string, DefElem>();
  for (const option of given) {
    if (byName.has(option.defname)) throw invalid('conflicting or redundant options');
    byName.set(option.defname, option);
  }
  const take = (name: string): DefElem | undefined => {
    const option = byName.get(name);
    byName.delete(name);
    return option;
  };
  const format = formatOf(take('format'));
  const encoding = take('encoding');
  if (encoding !== undefined && !/^utf-?8$/i.test(textOf(encoding))) {
    throw notSupported(`COPY in the encoding ${textOf(encoding)}`);
  }
  if (flag(take('freeze'))) throw notSupported('COPY FREEZE');
  const delimiter = take('delimiter');
  const nullText = take('null');
  const header = headerOf(take('header'), isFrom);
  const quote = take('quote');
  const escapeOption = take('escape');
  const forceQuote = take('force_quote');
  const forceNotNull = take('force_not_null');
  const forceNull = take('force_null');
  const [unknown] = byName.keys();
  if (unknown !== undefined) throw invalid(`option "${unknown}" not recognized`);
  if (format === 'binary') {
    for (const [name, option] of [
      ['DELIMITER', delimiter],
      ['NULL', nullText],
    ] as const)
      if (option !== undefined) throw invalid(`cannot specify ${name} in BINARY mode`);
  }
  if (format !== 'csv') {
    const csvOnly: readonly (readonly [string, unknown])[] = [
      ['quote', quote],
      ['escape', escapeOption],
      ['force quote', forceQuote],
      ['force not null', forceNotNull],
      ['force null', forceNull],
    ];
    for (const [name, option] of csvOnly)
      if (option !== undefined) throw notSupported(`COPY ${name} in other than CSV mode`);
  }
  if (header !== false && format === 'binary') {
    throw new SqlError('featureNotSupported', 'cannot specify HEADER in BINARY mode');
  }
  const options: CopyOptions = {
    format,
    delimiter: delimiter === undefined ? (format === 'csv' ? ',' : '\t') : textOf(delimiter),
    nullText: nullText === undefined ? (format === 'csv' ? '' : '\\N') : textOf(nullText),
    header,
    quote: textOf(quote ?? QUOTE_DEFAULT),
    escapeCharacter: textOf(escapeOption ?? quote ?? QUOTE_DEFAULT),
    forceQuote: choiceOf(forceQuote),
    forceNotNull: namesOf(forceNotNull),
    forceNull: namesOf(forceNull),
  };
  check(options);
  return options;
}

function invalid(message: string): SqlError {
  return new SqlError('syntaxError', message);
}

function formatOf(option: DefElem | undefined): CopyOptions['format'] {
  if (option === undefined) return 'text';
  const name = textOf(option);
  if (name === 'text' || name === 'csv' || name === 'binary') return name;
  throw new SqlError('invalidParameterValue', `COPY format "${name}" not recognized`);
}

function headerOf(option: DefElem | undefined, isFrom: boolean): boolean | 'match' {
  if (option === undefined) return false;
  if (option.arg === undefined || !('String' in option.arg)) return flag(option);
  if (textOf(option).toLowerCase() !== 'match') return flag(option);
  if (isFrom) return 'match';
  throw new SqlError('featureNotSupported', 'cannot use "match" with HEADER in COPY TO');
}

function flag(option: DefElem | undefined): boolean {
  if (option === undefined) return false;
  const { arg } = option;
  if (arg === undefined) return true;
  if ('Boolean' in arg) return arg.Boolean.boolval === true;
  if ('Integer' in arg) return (arg.Integer.ival ?? 0) !== 0;
  const word = 'String' in arg ? (arg.String.sval ?? '').toLowerCase() : '';
  if (word === 'true' || word === 'on') return true;
  if (word === 'false' || word === 'off') return false;
  throw invalid(`${option.defname} requires a Boolean value`);
}

function textOf(option: DefElem): string {
  const { arg } = option;
  if (arg !== undefined && 'String' in arg) return arg.String.sval ?? '';
  throw invalid(`${option.defname} requires a parameter`);
}

function choiceOf(option: DefElem | undefined): ColumnChoice {
  return option?.arg !== undefined && 'A_Star' in option.arg ? '*' : namesOf(option);
}

function namesOf(option: DefElem | undefined): readonly string[] {
  if (option === undefined) return [];
  const { arg } = option;
  if (arg === undefined || !('List' in arg)) {
    const text = `argument to option "${option.defname}" must be a list of column names`;
    throw new SqlError('invalidParameterValue', text);
  }
  return (arg.List.items ?? []).map(({ String: { sval = '' } }) => sval);
}

function checkOneByte(what: string, text: string): void {
  if (Buffer.byteLength(text) === 1) return;
  throw new SqlError('featureNotSupported', `COPY ${what} must be a single one-byte character`);
}

function check({ format, delimiter, nullText, quote, escapeCharacter }: CopyOptions): void {
  const bad = (text: string): SqlError => new SqlError('invalidParameterValue', text);
  checkOneByte('delimiter', delimiter);
  if (CR_OR_NEWLINE.test(delimiter)) {
    throw bad('COPY delimiter cannot be newline or carriage return');
  }
  if (CR_OR_NEWLINE.test(nullText)) {
    throw bad('COPY null representation cannot use newline or carriage return');
  }
  if (format === 'text' && /[\\.a-z0-9]/.test(delimiter)) {
    throw bad(`COPY delimiter cannot be "${delimiter}"`);
  }
  if (nullText.includes(delimiter)) {
    throw bad('COPY delimiter character must not appear in the NULL specification');
  }
  if (format !== 'csv') return;
  checkOneByte('quote', quote);
  checkOneByte('escape', escapeCharacter);
  if (delimiter === quote) throw bad('COPY delimiter and quote must be different');
  if (nullText.includes(quote)) {
    throw bad('CSV quote character must not appear in the NULL specification');
  }
}
