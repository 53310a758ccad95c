import { SqlError } from '../../base/errors';
import type { StatementText } from '../engine';
import type { Statement } from '../parse/ast';
import { lex } from '../parse/lexer';
import { type TakenText, takeLiterals } from '../parse/lifted-literals';
import { parseStatement } from '../parse/parse';
import { splitTokens } from '../parse/split';
import type { Token } from '../parse/token';
import { type LiftedText, type TextTemplate, templateOf } from './text-template';

/** Characters of texts that are kept together: a tree takes some hundred times as many bytes at most. */
const CHARACTERS_MAX = 256 << 10;

/** A text longer than this is hardly ever seen twice. */
const TEXT_LENGTH_MAX = 16_384;

/** What is as long and differs in its constants alone is bulk data. */
const TEMPLATE_LENGTH_MAX = 4_096;

/** Those of them that were seen once included: each may hold a few compiled statements. */
const TEMPLATES_MAX = 2_000;

interface Entry {
  split?: readonly StatementText[];
  statement?: Statement;
}

/** What texts seen before are made of, those used last. Trees are shared by all sessions: nobody changes them. */
export class ParsedTexts {
  private readonly entries = new RecentTexts<Entry>();
  /** By what is left of a text without its constants. 'seen': once; 'none': they can't be taken out. */
  private readonly templates = new RecentTexts<TextTemplate | 'seen' | 'none'>(TEMPLATES_MAX);
  /** Tokens of the statement that was cut out last. */
  private lexed: { readonly sql: string; readonly tokens: readonly Token[] } | undefined;

  /** @throws SqlError as `splitStatements` */
  split(text: string): readonly StatementText[] {
    const known = this.entries.get(text);
    if (known?.split !== undefined) return known.split;
    const tokens = lex(text);
    const split = splitTokens(text, tokens);
    const [first, ...rest] = split;
    if (first?.start === 0 && rest.length === 0) this.lexed = { sql: first.sql, tokens };
    this.entries.put(text, { ...known, split });
    return split;
  }

  /** @throws SqlError as `parseStatement` */
  parse(text: string): Statement {
    const known = this.entries.get(text);
    if (known?.statement !== undefined) return known.statement;
    const statement = parseStatement(text);
    this.entries.put(text, { ...known, statement });
    return statement;
  }

  /**
   * A text that is new in nothing but its constants, as those and the statement that they are taken out of. Undefined: it is
   * to be parsed.
   */
  lift(text: string): LiftedText | undefined {
    if (text.length > TEMPLATE_LENGTH_MAX) return undefined;
    if (this.entries.get(text)?.statement !== undefined) return undefined;
    const taken = this.take(text);
    if (taken === undefined) return undefined;
    let template = this.templates.get(taken.key);
    if (template === 'none') return undefined;
    if (template === undefined || template === 'seen') {
      // Most texts come once, or over and over again as they are.
      const isNew = template === undefined;
      template = isNew ? 'seen' : (templateOf(text, taken) ?? 'none');
      this.templates.put(taken.key, template);
      if (template === 'seen' || template === 'none') return undefined;
    }
    if (template.isUseless) return undefined;
    return { template, literals: taken.literals.map(({ value }) => value) };
  }

  private take(text: string): TakenText | undefined {
    const { lexed } = this;
    try {
      return takeLiterals(text, lexed?.sql === text ? lexed.tokens : lex(text));
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  }
}

/** A map that forgets what was used longest ago when its keys become too many. */
class RecentTexts<Value> {
  private readonly entries = new Map<string, Value>();
  private readonly entriesMax: number;
  private characters = 0;

  constructor(entriesMax = Number.POSITIVE_INFINITY) {
    this.entriesMax = entriesMax;
  }

  /** Moved to the end: the first entry is the one used least recently. */
  get(text: string): Value | undefined {
    const known = this.entries.get(text);
    if (known === undefined) return undefined;
    this.entries.delete(text);
    this.entries.set(text, known);
    return known;
  }

  put(text: string, value: Value): void {
    if (text.length > TEXT_LENGTH_MAX) return;
    if (!this.entries.has(text)) this.characters += text.length;
    this.entries.set(text, value);
    for (const oldest of this.entries.keys()) {
      if (this.characters <= CHARACTERS_MAX && this.entries.size <= this.entriesMax) return;
      this.characters -= oldest.length;
      this.entries.delete(oldest);
    }
  }
}
