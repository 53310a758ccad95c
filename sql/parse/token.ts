/** What the lexer gives. Offsets are 0-based UTF-16 code units into the lexed text. */
export type TokenType =
  /** An unquoted identifier or keyword; `value` is folded to lower case. */
  | 'word'
  /** `"…"`; `value` is without quotes. */
  | 'quoted'
  /** '…', e'…' or $tag$…$tag$. */
  | 'string'
  /** b'…' or x'…': BYTES. */
  | 'bytes'
  /** B'…': BIT. */
  | 'bits'
  /** As written in `value`. */
  | 'number'
  /** `$1`; `value` is the number's text. */
  | 'placeholder'
  | 'op'
  /** One of `( ) [ ] { } , ; . :` */
  | 'punct'
  | 'eof';

export interface Token {
  readonly type: TokenType;
  /**
   * What the token says. For 'string' and 'bits' the text between the delimiters with escapes undone;
   * for 'bytes' lower-case hex digits.
   */
  readonly value: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && token.type === 'word' && token.value === word;
}

export function isPunct(token: Token | undefined, char: string): boolean {
  return token !== undefined && token.type === 'punct' && token.value === char;
}

export function isOp(token: Token | undefined, operator: string): boolean {
  return token !== undefined && token.type === 'op' && token.value === operator;
}
