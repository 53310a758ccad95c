import { invariant } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';

/** A constant in the tree of a text whose constants were taken out. */
export interface LiftedLiteral {
  readonly slots: LiteralSlots;
  /** Into the text's constants. */
  readonly index: number;
  readonly kind: 'number' | 'string';
  readonly sign: '' | '-';
  /** Of numbers: without a fraction, and then an INT8. */
  readonly isWhole: boolean;
}

/** A constant that was given a type: a parameter of the statement. */
export interface LiteralUse {
  readonly literal: LiftedLiteral;
  readonly type: SqlType;
}

/** What binding a tree made of its constants. */
export interface BoundLiterals {
  /** By parameter, the first is number 1. */
  readonly uses: readonly LiteralUse[];
  /** Constants whose values were looked at. */
  readonly pinned: ReadonlySet<number>;
}

/** The constants that a tree stands for while it is bound. */
export class LiteralSlots {
  private texts: readonly string[] | undefined;
  private uses: LiteralUse[] = [];
  private pinned = new Set<number>();

  /** @param texts of the constants, without signs */
  during<T>(
    texts: readonly string[],
    body: () => T,
  ): { readonly result: T; readonly literals: BoundLiterals } {
    invariant(this.texts === undefined, 'one binding at a time');
    this.texts = texts;
    this.uses = [];
    this.pinned = new Set();
    try {
      const result = body();
      return { result, literals: { uses: this.uses, pinned: this.pinned } };
    } finally {
      this.texts = undefined;
    }
  }

  /** For whoever decides by the value: what comes of it holds for this value only. */
  read(literal: LiftedLiteral): string {
    this.pinned.add(literal.index);
    return this.peek(literal);
  }

  /** For whoever does with it what is done with any other of its class. */
  peek(literal: LiftedLiteral): string {
    invariant(this.texts !== undefined, 'constants are read while a statement is bound');
    return this.textOf(literal, this.texts);
  }

  textOf({ index, sign }: LiftedLiteral, texts: readonly string[]): string {
    const text = texts[index] ?? '';
    return text === '0' ? text : sign + text;
  }

  isPinned({ index }: LiftedLiteral): boolean {
    return this.pinned.has(index);
  }

  /** @returns the parameter's number */
  use(literal: LiftedLiteral, type: SqlType): number {
    return this.uses.push({ literal, type });
  }
}
