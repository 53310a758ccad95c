import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir, hasShared, sharedDir } from '../support/shared';

/**
 * A transcript of CockroachDB v21.2 (test/fixtures/transcripts), replayed statement by statement: the answers are the same,
 * texts of errors included. Statements that are answered otherwise are listed here, each with the reason.
 */

interface Step {
  readonly statement: string;
  readonly expected: string;
}

/** Statements by their beginning that are answered otherwise, and why. */
const OTHERWISE: ReadonlyArray<readonly [statement: string, why: string]> = [
  ["SHOW BACKUP SCHEMAS '{bank}' IN", 'later releases know the statement'],
];

/** `cluster` and `bank-tables` are not among the fixtures. */
const io = hasShared ? join(sharedDir, 'backups', 'generated') : join(fixturesDir, 'backups');
const SUBDIRECTORIES = Object.fromEntries(
  ['alltypes', 'bank', 'bank-tables', 'cluster', 'movr']
    .filter((name) => existsSync(join(io, name)))
    .map((name) => [name, readFileSync(join(io, name, 'LATEST'), 'utf8').replace(/^\//, '')]),
);

function readTranscript(path: string): Step[] {
  const steps: { statement: string; lines: string[] }[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('> ')) steps.push({ statement: line.slice(2), lines: [] });
    else if (!line.startsWith('-- ')) steps.at(-1)?.lines.push(line);
  }
  return steps.map(({ statement, lines }) => ({
    statement,
    expected: lines.join('\n').trimEnd(),
  }));
}

/** When the backups were made that `'-1h'` was said of, within the hour. */
const BACKED_UP = Date.UTC(2026, 10, 22, 17);
const HOUR_MS = 3_600_000;

function substituted(statement: string): string {
  const hours = Math.max(1, Math.ceil((Date.now() - BACKED_UP) / HOUR_MS) + 1);
  return statement
    .replace(/\{([a-z-]+)\}/g, (whole, name: string) => SUBDIRECTORIES[name] ?? whole)
    .replace("'-1h'", `'-${hours}h'`);
}

/**
 * What differs between two runs of the same thing: ids, the bytes of keys, in which ids are written, and estimates. And what
 * we tell beyond that release: the position of an error, which psql shows as a line with a caret, and columns of SHOW JOBS.
 */
const comparable = (text: string): string =>
  text
    .replaceAll(io, '<external-io-dir>')
    .replace(/^LINE 1: .*\n *\^\n/m, '')
    .replace(',trace_id,last_run,next_run,num_runs,execution_errors', '')
    .replace(/^(\w+,\w+,(?:table|view),root),\d+,NULL$/gm, '$1,<estimate>,NULL')
    .replace(/ > \d+\.\d{9},\d+\)/, ' > <now>)')
    .replace(/\b\d{18,19}\b/g, '<id>')
    .replace(/\b\d+_\d+_(\d+_not_null)\b/g, '<ids>_$1')
    .replace(/^(<id>,succeeded,1,\d+,\d+),\d+$/gm, '$1,<bytes>')
    .replace(/found \d+ descriptors: \[.*\]/, 'found <n> descriptors: [<names>]')
    .replace(/,running,NULL,0,,0$/gm, ',succeeded,NULL,1,,NULL') // has ended by now
    .replace(/^LOCATION: .*\n?/gm, '')
    .trimEnd();

/** CockroachDB has no code (XXUUU) for much that has one in the standard: there any code is right but that of a bug. */
function withoutMissingCode(actual: string, expected: string): string {
  return expected.startsWith('ERROR:  XXUUU:')
    ? actual.replace(/^ERROR: {2}(?!XX000)[0-9A-Z]{5}:/, 'ERROR:  XXUUU:')
    : actual;
}

const transcript = readTranscript(join(fixturesDir, 'transcripts', 'restore.txt'));
const exceptionOf = (statement: string): string | undefined =>
  OTHERWISE.find(([start]) => statement.startsWith(start))?.[1];

describePsql('restore.txt', () => {
  let server: OothecaProcess;
  const answer = (statement: string): string => {
    const flags = ['-X', '-q', '--csv', '-P', 'null=NULL', '-v', 'VERBOSITY=verbose'];
    const { stdout, stderr } = spawnSync('psql', [...flags, server.url(), '-c', statement], {
      encoding: 'utf8',
    });
    return comparable(stdout + stderr);
  };

  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    for (const name of ['alltypes', 'bank', 'movr']) {
      answer(`RESTORE DATABASE ${name} FROM LATEST IN 'nodelocal://1/${name}'`);
    }
  });
  afterAll(async () => {
    await server?.stop();
  });

  test('every exception is one of a statement of the transcript', () => {
    const unused = OTHERWISE.filter(
      ([start]) => !transcript.some(({ statement }) => statement.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  for (const { statement, expected } of transcript) {
    const why = exceptionOf(statement);
    if (why !== undefined) {
      test(`${statement} (works: ${why})`, () => {
        expect(expected).toContain('ERROR');
        expect(answer(substituted(statement))).not.toContain('ERROR');
      });
      continue;
    }
    const showsJobs = statement.startsWith('SELECT job_type, description');
    const readsCluster = (statement.includes('sysdb.users') || showsJobs) && !hasShared;
    if (readsCluster || /\{[a-z-]+\}/.test(substituted(statement))) {
      test.skip(`${statement} (needs ../shared)`, () => undefined);
      continue;
    }
    test(statement, () => {
      if (showsJobs) answer('SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS])');
      const wanted = comparable(expected);
      expect(withoutMissingCode(answer(substituted(statement)), wanted)).toBe(wanted);
    });
  }
});
