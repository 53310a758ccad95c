/** Reads `psql --csv -P null='\N'` output: NULL is the unquoted \N. */
export function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string | null = '';
    if (text[at] === '"') {
      for (at += 1; ; at++) {
        if (text[at] === '"' && text[at + 1] === '"') at += 1;
        else if (text[at] === '"') break;
        field += text[at] ?? '';
        if (at >= text.length) throw new Error('quoted field is not closed');
      }
      at += 1;
    } else {
      const end = /[,\n]|$/g;
      end.lastIndex = at;
      const stop = end.exec(text)?.index ?? text.length;
      field = text.slice(at, stop);
      if (field === '\\N') field = null;
      at = stop;
    }
    row.push(field);
    if (text[at] === '\n' || at >= text.length) {
      rows.push(row);
      row = [];
    }
    at += 1;
  }
  return rows;
}
