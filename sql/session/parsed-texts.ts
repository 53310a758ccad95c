import type { StatementText } from '../engine';
import type { Statement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import { splitStatements } from '../parse/split';

/** Characters of texts that are kept together: a tree takes some hundred times as many bytes at most. */
const CHARACTERS_MAX = 256 << 10;

/** A text longer than this is hardly ever seen twice. */
const TEXT_LENGTH_MAX = 16_384;

interface Entry {
  split?: readonly StatementText[];
  statement?: Statement;
}

/** What texts seen before are made of, those used last. Trees are shared by all sessions: nobody changes them. */
export class ParsedTexts {
  private readonly entries = new Map<string, Entry>();
  private characters = 0;

  /** @throws SqlError as `splitStatements` */
  split(text: string): readonly StatementText[] {
    const known = this.entry(text);
    if (known?.split !== undefined) return known.split;
    const split = splitStatements(text);
    this.put(text, { ...known, split });
    return split;
  }

  /** @throws SqlError as `parseStatement` */
  parse(text: string): Statement {
    const known = this.entry(text);
    if (known?.statement !== undefined) return known.statement;
    const statement = parseStatement(text);
    this.put(text, { ...known, statement });
    return statement;
  }

  /** Moved to the end: the first entry is the one used least recently. */
  private entry(text: string): Entry | undefined {
    const known = this.entries.get(text);
    if (known === undefined) return undefined;
    this.entries.delete(text);
    this.entries.set(text, known);
    return known;
  }

  private put(text: string, entry: Entry): void {
    if (text.length > TEXT_LENGTH_MAX) return;
    if (!this.entries.has(text)) this.characters += text.length;
    this.entries.set(text, entry);
    for (const oldest of this.entries.keys()) {
      if (this.characters <= CHARACTERS_MAX) return;
      this.characters -= oldest.length;
      this.entries.delete(oldest);
    }
  }
}
