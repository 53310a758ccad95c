type Inside =
  | { readonly kind: 'statement' }
  | { readonly kind: 'quotes'; readonly pattern: RegExp }
  | { readonly kind: 'dollars'; readonly tag: string }
  | { readonly kind: 'comment'; depth: number };

const IN_STATEMENT: Inside = { kind: 'statement' };
/** What can begin something that a `;` does not end. */
const OPENING = /;|'|"|--|\/\*|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g;
const STRING = /''|'/g;
/** `e'…'` and `b'…'`, where a backslash escapes. */
const ESCAPE_STRING = /\\.|''|'/gs;
const IDENTIFIER = /""|"/g;
const COMMENT_EDGE = /\/\*|\*\//g;
const ESCAPE_PREFIX = /(?:^|[^\w$\u0080-\uffff])[eEbB]$/;
const NAME_END = /[\w$\u0080-\uffff]$/;
const BLANK = /^(?:\s|--[^\n]*(?:\n|$))*$/;

/** Finds the statements of a script that comes in pieces, by CockroachDB's rules for strings and comments. */
export class StatementSplitter {
  private text = '';
  private scanned = 0;
  private inside: Inside = IN_STATEMENT;

  /**
   * @param lines whole lines with their ends; only the last piece of a script may end within a line
   * @returns the statements that end here, without their `;`
   */
  push(lines: string): string[] {
    this.text += lines;
    const statements: string[] = [];
    while (this.scanned < this.text.length) {
      if (!this.step()) continue;
      const statement = this.text.slice(0, this.scanned - 1).trim();
      if (statement !== '') statements.push(statement);
      this.text = this.text.slice(this.scanned);
      this.scanned = 0;
    }
    return statements;
  }

  /** @returns what is left at the end of a script, `undefined` when that is nothing to run */
  finish(): string | undefined {
    const statement = this.isBlank ? undefined : this.text.trim();
    this.clear();
    return statement;
  }

  clear(): void {
    this.text = '';
    this.scanned = 0;
    this.inside = IN_STATEMENT;
  }

  /** No statement has begun: there is only space, or comments that end with their line. */
  get isBlank(): boolean {
    return this.inside === IN_STATEMENT && BLANK.test(this.text);
  }

  get pendingCharacters(): number {
    return this.text.length;
  }

  /** Goes on to the next thing that matters. @returns whether that was the end of a statement */
  private step(): boolean {
    const { inside } = this;
    switch (inside.kind) {
      case 'statement':
        return this.open();
      case 'quotes': {
        const token = this.find(inside.pattern);
        if (token === "'" || token === '"') this.inside = IN_STATEMENT;
        return false;
      }
      case 'dollars': {
        const end = this.text.indexOf(inside.tag, this.scanned);
        this.scanned = end < 0 ? this.text.length : end + inside.tag.length;
        if (end >= 0) this.inside = IN_STATEMENT;
        return false;
      }
      case 'comment': {
        const token = this.find(COMMENT_EDGE);
        if (token === '/*') inside.depth++;
        if (token === '*/' && --inside.depth === 0) this.inside = IN_STATEMENT;
        return false;
      }
    }
  }

  private open(): boolean {
    const token = this.find(OPENING);
    const before = (): string => {
      const start = this.scanned - (token?.length ?? 0);
      return this.text.slice(Math.max(0, start - 2), start);
    };
    switch (token) {
      case undefined:
        return false;
      case ';':
        return true;
      case "'":
        this.inside = {
          kind: 'quotes',
          pattern: ESCAPE_PREFIX.test(before()) ? ESCAPE_STRING : STRING,
        };
        return false;
      case '"':
        this.inside = { kind: 'quotes', pattern: IDENTIFIER };
        return false;
      case '--': {
        const end = this.text.indexOf('\n', this.scanned);
        this.scanned = end < 0 ? this.text.length : end + 1;
        return false;
      }
      case '/*':
        this.inside = { kind: 'comment', depth: 1 };
        return false;
      default:
        // A `$` within a name, as in a$b$c, opens nothing.
        if (NAME_END.test(before())) this.scanned -= token.length - 1;
        else this.inside = { kind: 'dollars', tag: token };
        return false;
    }
  }

  /** Moves past the next match, or to the end of the text when there is none. */
  private find(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.scanned;
    const match = pattern.exec(this.text);
    this.scanned = match === null ? this.text.length : pattern.lastIndex;
    return match?.[0];
  }
}
