import { quoteIdentifier } from './identifiers';

/**
 * Expressions as descriptors store them (column defaults, computed columns, checks, index predicates, view queries):
 * SQL text in which user-defined types are `@<oid>`, enum values `x'80':::@100053` and sequences `53:::REGCLASS`.
 *
 * A small tokenizer is enough to rewrite those references: no grammar is needed to find them, and the text around them
 * must come back unchanged.
 */

export interface ReferenceRewriter {
  /** A type reference's replacement, given its OID; `undefined` keeps it. */
  type?(oid: number): string | undefined;
  /** An enum value with its type reference. */
  enumValue?(physical: Uint8Array, oid: number): string | undefined;
  /** `<id>:::REGCLASS`'s replacement. */
  sequence?(id: number): string | undefined;
}

// One alternative a token that could hide or be a reference; everything else is copied.
//   1: quoted string or identifier or comment   2: enum bytes, 3: its type   4: sequence id   5: type OID
const TOKENS =
  /('(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*")|\bx'([0-9a-fA-F]*)':::@(\d+)|\b(\d+):::REGCLASS\b|@(\d+)/g;

/** Rewrites the references of a stored expression and leaves every other character as it is. */
export function rewriteReferences(expression: string, rewriter: ReferenceRewriter): string {
  return expression.replace(
    TOKENS,
    (whole, quoted?: string, bytes?: string, enumOid?: string, sequence?: string, oid?: string) => {
      if (quoted !== undefined) return whole;
      if (bytes !== undefined && enumOid !== undefined) {
        const type = Number(enumOid);
        const value = rewriter.enumValue?.(Buffer.from(bytes, 'hex'), type);
        if (value !== undefined) return value;
        const name = rewriter.type?.(type);
        return name === undefined ? whole : `x'${bytes}':::${name}`;
      }
      if (sequence !== undefined) return rewriter.sequence?.(Number(sequence)) ?? whole;
      if (oid !== undefined) return rewriter.type?.(Number(oid)) ?? whole;
      return whole;
    },
  );
}

/** OIDs of the user-defined types that an expression names. */
export function referencedTypeOids(expression: string): number[] {
  const oids: number[] = [];
  rewriteReferences(expression, {
    type(oid) {
      oids.push(oid);
      return undefined;
    },
  });
  return oids;
}

const IDENTIFIER = String.raw`(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*")`;

/**
 * In a view's query, `old.schema.table` becomes `new.schema.table`; names inside strings stay.
 * @param from and `to`: names as they are, not quoted
 */
export function replaceDatabaseQualifier(query: string, from: string, to: string): string {
  const escaped = quoteIdentifier(from).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const tokens = new RegExp(
    String.raw`'(?:[^'\\]|''|\\.)*'|(?<![\p{L}\p{N}_$."])(${escaped})(?=\.${IDENTIFIER}\.${IDENTIFIER})|"(?:[^"]|"")*"`,
    'gu',
  );
  const replacement = quoteIdentifier(to);
  return query.replace(tokens, (whole, qualifier?: string) =>
    qualifier === undefined ? whole : replacement,
  );
}
