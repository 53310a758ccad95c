import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

/**
 * The whole session of psql that test/fixtures/transcripts/sql.txt recorded against CockroachDB v21.2-alpha, sent again in
 * one session as it was then (`psql -e --csv -v VERBOSITY=verbose -P null=NULL`): every answer is the same, texts and
 * SQLSTATEs of errors included, but for the statements below.
 */

/** By statement: why it is answered in another way. docs/compatibility.md says the same. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  [
    "SELECT format('%s-%I-%L-%5s', 'a', 'b c', 'd''e', 'x');",
    'the released v21.2 has format(), that alpha had not',
  ],
  [
    "SELECT to_char('2021-03-23 21:31:01.37'::TIMESTAMP, 'YYYY-MM-DD HH24:MI:SS.MS');",
    'the released v21.2 has to_char() of one argument, so another error',
  ],
  ['SHOW CLUSTER SETTING version;', 'v21.2, which Ootheca follows; the recorded one was an alpha'],
]);

interface Exchange {
  readonly statement: string;
  readonly answer: string;
}

const VERBS =
  'SELECT|SELEC|WITH|VALUES|SET|CREATE|INSERT|UPSERT|UPDATE|DELETE|SHOW|ALTER|DROP|TRUNCATE|USE|EXPLAIN';

/** Statements and answers; a statement begins a line with its verb and ends one with a semicolon. */
function readExchanges(text: string): Exchange[] {
  const list: { statement: string; lines: string[] }[] = [];
  let open: string[] | undefined;
  for (const line of text.trimEnd().split('\n')) {
    if (open === undefined && new RegExp(`^(${VERBS})\\b.*;$`).test(line)) {
      list.push({ statement: line, lines: [] });
    } else if (open !== undefined || /^(CREATE|SELECT) .*[^;]$/.test(line)) {
      open = [...(open ?? []), line];
      if (!line.endsWith(';')) continue;
      list.push({ statement: open.join('\n'), lines: [] });
      open = undefined;
    } else list.at(-1)?.lines.push(line);
  }
  return list.map(({ statement, lines }) => ({ statement, answer: lines.join('\n') }));
}

/** psql's output for the same statements: what stands between the echo of each and that of the next. */
function splitOutput(output: string, statements: readonly string[]): Map<number, string> {
  const answers = new Map<number, string>();
  let rest = `\n${output}`;
  for (const [i, statement] of statements.entries()) {
    const echo = `\n${statement}`;
    if (!rest.startsWith(echo)) throw new Error(`no echo of ${statement} at ${rest.slice(0, 300)}`);
    rest = rest.slice(echo.length);
    const next = statements[i + 1];
    const end = next === undefined ? rest.length : rest.indexOf(`\n${next}\n`);
    if (end === -1) throw new Error(`psql did not come to ${next}: ${rest.slice(0, 300)}`);
    answers.set(i, rest.slice(0, end).replace(/^\n/, '').replace(/\n$/, ''));
    rest = rest.slice(end);
  }
  return answers;
}

/** What psql shows more of ours, the position of an error; and codes that CockroachDB lacks (XXUUU), where any but that of a bug is right. */
function comparable(actual: string, expected: string): string {
  const text = actual.replace(/\n?^LINE 1: .*\n *\^/m, '').replace(/\n?^LOCATION: .*/gm, '');
  return expected.startsWith('ERROR:  XXUUU:')
    ? text.replace(/^ERROR: {2}(?!XX000)[0-9A-Z]{5}:/, 'ERROR:  XXUUU:')
    : text;
}

const exchanges = readExchanges(readFileSync(join(fixturesDir, 'transcripts', 'sql.txt'), 'utf8'));

describePsql('sql.txt', () => {
  const directory = temporaryDirectory();
  let server: OothecaProcess;
  let answers: Map<number, string>;

  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
    const script = join(directory.path, 'in.sql');
    const out = join(directory.path, 'out.txt');
    writeFileSync(script, `${exchanges.map(({ statement }) => statement).join('\n')}\n`);
    const fd = openSync(out, 'w');
    const flags = ['-X', '-q', '-e', '--csv', '-v', 'VERBOSITY=verbose', '-P', 'null=NULL'];
    spawnSync('psql', [...flags, server.url(), '-f', script], { stdio: ['ignore', fd, fd] });
    closeSync(fd);
    answers = splitOutput(
      readFileSync(out, 'utf8').replace(/^psql:.*?:\d+: /gm, ''),
      exchanges.map(({ statement }) => statement),
    );
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  test('the transcript was read, and every exception is one of its statements', () => {
    expect(exchanges.length).toBeGreaterThan(290);
    const statements = new Set(exchanges.map(({ statement }) => statement));
    expect([...DIFFERENT.keys()].filter((statement) => !statements.has(statement))).toEqual([]);
  });

  test.each(exchanges.map(({ statement }, i) => [statement, i] as const))('%s', (statement, i) => {
    const expected = exchanges[i]?.answer ?? '';
    const actual = comparable(answers.get(i) ?? '', expected);
    if (DIFFERENT.has(statement)) expect(actual).not.toBe(expected);
    else expect(actual).toBe(expected);
  });
});
