import { lex } from './lexer';
import { codePointCount } from './syntax-error';
import { isPunct, type Token } from './token';

/** One statement of a text. */
export interface SplitStatement {
  /** Without the semicolon; comments and blanks around it are kept out. */
  readonly sql: string;
  /** 0-based, in UTF-16 code units. */
  readonly start: number;
  /** 0-based, in characters (code points): what error positions count. */
  readonly offset: number;
}

/**
 * Cuts a text at its semicolons. Empty statements are left out, except that a text of nothing but blanks and comments gives one
 * statement with empty text.
 * @throws SqlError syntaxError when the text is not even a sequence of tokens
 */
export function splitStatements(text: string): SplitStatement[] {
  return splitTokens(text, lex(text));
}

/** The same of a text whose tokens are known. */
export function splitTokens(text: string, tokens: readonly Token[]): SplitStatement[] {
  const statements: SplitStatement[] = [];
  let start = -1;
  let end = -1;
  let counted = 0;
  let characters = 0;
  for (const token of tokens) {
    if (token.type !== 'eof' && !isPunct(token, ';')) {
      if (start < 0) start = token.start;
      end = token.end;
      continue;
    }
    if (start >= 0) {
      characters += codePointCount(text.slice(counted, start), start - counted);
      counted = start;
      statements.push({ sql: text.slice(start, end), start, offset: characters });
    }
    start = -1;
  }
  return statements.length === 0 ? [{ sql: '', start: 0, offset: 0 }] : statements;
}
