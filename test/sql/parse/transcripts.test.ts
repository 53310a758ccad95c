import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../../../base/errors';
import { parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';
import { splitStatements } from '../../../sql/parse/split';
import { describeShared, sharedDir } from '../../support/shared';

/** Every statement of the real thing's transcripts parses, or is refused in the words recorded there. */

interface Exchange {
  readonly sql: string;
  readonly answer: string;
}

/** `{bank}` stands for the newest backup of the collection; the recorded answers show it expanded. */
const SUBDIRECTORY = '2026/11/22-171336.11';

function exchanges(file: string): Exchange[] {
  const lines = readFileSync(join(sharedDir, 'transcripts', file), 'utf8').split('\n');
  const marked = lines.some((line) => line.startsWith('> '));
  const starts = lines.flatMap((line, i) =>
    (marked ? line.startsWith('> ') : /^[A-Z].*;$/.test(line)) ? [i] : [],
  );
  return starts.map((start, i) => ({
    sql: (lines[start] ?? '').replace(/^> /, '').replaceAll('{bank}', SUBDIRECTORY),
    answer: lines
      .slice(start + 1, starts[i + 1])
      .filter((line) => !line.startsWith('-- '))
      .join('\n')
      .trimEnd(),
  }));
}

function refusal(sql: string): string {
  try {
    for (const statement of splitStatements(sql)) parseStatement(statement.sql);
    return '';
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const hint = error.hint === undefined ? '' : `\nHINT:  ${error.hint}`;
    return `ERROR:  ${error.sqlstate}: ${error.message}\nDETAIL:  ${error.detail}${hint}`;
  }
}

/** Later versions take this one, and so do we. */
const ACCEPTED = new Set([`SHOW BACKUP SCHEMAS '${SUBDIRECTORY}' IN 'nodelocal://1/bank';`]);

beforeAll(loadParser);

describeShared('transcripts', () => {
  const files = ['restore.txt', 'restore-privileges.txt', 'sql.txt'];
  test.each(files)('%s', (file) => {
    const all = exchanges(file);
    expect(all.length).toBeGreaterThan(15);
    const isSyntaxError = (answer: string) => answer.startsWith('ERROR:  42601');
    const expected = all.map(({ sql, answer }) => [
      sql,
      isSyntaxError(answer) && !ACCEPTED.has(sql) ? answer : '',
    ]);
    expect(all.map(({ sql }) => [sql, refusal(sql)])).toEqual(expected);
  });
});
