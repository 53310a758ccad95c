/**
 * Names as CockroachDB prints them: bare when they can be read back bare, quoted otherwise.
 * Source: the reserved keywords of CockroachDB v21.2's SQL grammar (its documentation, "Full SQL Grammar").
 */

const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column concurrently constraint ' +
    'create current_catalog current_date current_role current_schema current_time current_timestamp current_user ' +
    'default deferrable desc distinct do else end except false fetch for foreign from grant group having in index ' +
    'initially intersect into lateral leading limit localtime localtimestamp not nothing null offset on only or order ' +
    'placing primary references returning select session_user some symmetric table then to trailing true union unique ' +
    'user using variadic view virtual visible when where window with ' +
    // reserved as column and function names
    'annotate_type between bigint bit boolean char character characteristics coalesce dec decimal exists extract ' +
    'extract_duration float geography geometry greatest grouping if iferror ifnull int integer interval iserror least ' +
    'nullif numeric out overlay point polygon position precision real row setof smallint string substring time timestamp ' +
    'timestamptz timetz treat trim values varbit varchar vector work box2d ' +
    // reserved as type and function names
    'authorization collation cross family full ilike inner is isnull join left like natural none notnull outer overlaps right similar'
  ).split(' '),
);

const BARE = /^[\p{Ll}\p{Lo}_][\p{Ll}\p{Lo}0-9_$]*$/u;

/** An identifier as CockroachDB prints it: `id`, `ünï`, `"select"`, `"Col With Space"`. */
export function quoteIdentifier(name: string): string {
  // What the parser would fold to another name has to be quoted.
  if (BARE.test(name) && name === name.normalize('NFC') && !RESERVED.has(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** `a.b.c` with each part quoted when it has to be. */
export function quoteQualified(parts: readonly string[]): string {
  return parts.map(quoteIdentifier).join('.');
}

/** A string literal as CockroachDB prints it: `'x'`, and `e'it\'s'` when it needs escapes. */
export function quoteLiteral(text: string): string {
  let escaped = '';
  let needsEscape = false;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === "'" || char === '\\') {
      escaped += `\\${char}`;
      needsEscape = true;
    } else if (code < 0x20 || code === 0x7f) {
      escaped += ESCAPES.get(char) ?? `\\x${code.toString(16).padStart(2, '0')}`;
      needsEscape = true;
    } else escaped += char;
  }
  return needsEscape ? `e'${escaped}'` : `'${escaped}'`;
}

const ESCAPES = new Map([
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
