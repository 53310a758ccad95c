import type { Statement } from './ast';
import type { IndexHint } from './pg-tree';

/**
 * What to-postgres.ts took out of or changed in a text, keyed by offset in the original, for fix-tree.ts to put into the tree.
 */
export interface Marks {
  /** Operators that PostgreSQL saw under another name: `//` as `/`, a prefix `~` as `+`. */
  readonly operatorNames: Map<number, string>;
  /** Bracket (a number of its own for each) in which an operator stands, for operators that may be regrouped. */
  readonly operatorBrackets: Map<number, number>;
  /** `:::`. */
  readonly annotations: Set<number>;
  /** `IS NAN` (`=`) and `IS NOT NAN` (`<>`), by the offset of IS. */
  readonly nanTests: Map<number, '=' | '<>'>;
  /** By the offset of the table's name. */
  readonly indexHints: Map<number, IndexHint>;
  /** `[SHOW …]`, by the offset of the bracket. */
  readonly statements: Map<number, Statement>;
  /** `[123 AS t]`, by the offset of the bracket. */
  readonly tableIds: Map<number, number>;
  /** `@123` as a type, by its offset. */
  readonly typeReferences: Map<number, number>;
  /** `((1, 2) AS a, b)`, by the offset of the row. */
  readonly labels: Map<number, readonly string[]>;
  /** Offsets of the tables of UPSERT. */
  readonly upserts: Set<number>;
  /** By their stand-ins: names that PostgreSQL would cut at 63 bytes, and strings with NULs, which end a text for it. */
  readonly standIns: Map<string, string>;
}

export function newMarks(): Marks {
  return {
    operatorNames: new Map(),
    operatorBrackets: new Map(),
    annotations: new Set(),
    nanTests: new Map(),
    indexHints: new Map(),
    statements: new Map(),
    tableIds: new Map(),
    typeReferences: new Map(),
    labels: new Map(),
    upserts: new Set(),
    standIns: new Map(),
  };
}
