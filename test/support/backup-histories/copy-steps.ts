import type { Random } from '../fuzz/random';
import type { Table } from './random-table';

/** Rows by COPY: the statement, and behind its line what it reads. */

/** A literal as COPY's text has it; undefined: another expression. */
function textOf(sql: string): string | undefined {
  const [, quoted] = /^'([^']*)'$/.exec(sql) ?? [];
  const [, number] = /^\(?(-?[\d.]+(?:e-?\d+)?)\)?$/.exec(sql) ?? [];
  return quoted?.replaceAll('\\', '\\\\') ?? number;
}

export function copyRows(random: Random, table: Table): string[] {
  const first = 100 + random.below(900);
  const rows = random.list(1, 12, (i) =>
    table.columns.map(({ name, type, isRequired }) => {
      if (name === 'id') return String(first + i);
      const isNull = isRequired !== true && random.chance(0.15);
      return isNull ? '\\N' : textOf(type.value(random));
    }),
  );
  const isWritten = (at: number) => rows.every((row) => row[at] !== undefined);
  const columns = table.columns.flatMap(({ name }, at) => (isWritten(at) ? [{ name, at }] : []));
  const lines = rows.map((row) => columns.map(({ at }) => row[at]).join('\t'));
  const list = columns.map(({ name }) => name).join(', ');
  return [`COPY ${table.name} (${list}) FROM STDIN\n${lines.join('\n')}\n`];
}
