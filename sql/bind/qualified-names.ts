/** Splits `db.schema."Name"` as identifiers are: folded to lower case where not quoted. */
export function splitQualifiedName(text: string): string[] {
  const parts: string[] = [];
  const pattern = /"((?:[^"]|"")*)"|([^."]+)/g;
  for (const match of text.matchAll(pattern))
    parts.push(
      match[1] === undefined
        ? (match[2] ?? '').trim().toLowerCase()
        : match[1].replaceAll('""', '"'),
    );
  return parts;
}

/** One text for the parts of a name, in which no part can be taken for two. */
export function nameKey(parts: readonly string[]): string {
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}
