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
