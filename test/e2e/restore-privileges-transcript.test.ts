import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

/** What CockroachDB v21.2 answers users that may not restore (test/fixtures/transcripts), replayed as those users. */

interface Step {
  readonly user: string;
  readonly statement: string;
  readonly expected: string;
}

/** Statements whose answer needs what is not there, and what comes instead. */
const INSTEAD: ReadonlyArray<readonly [statement: string, answer: RegExp]> = [
  // It may try; the region of the bucket is asked of AWS.
  [
    "RESTORE TABLE bank.customers FROM 's3://b/p?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b'",
    /^ERROR: {2}(08006: could not find s3 bucket's region: |28000: |42501: |42704: |58030: )/,
  ],
];

const io = join(fixturesDir, 'backups');
const latest = (name: string): string =>
  readFileSync(join(io, name, 'LATEST'), 'utf8').replace(/^\//, '');

function readTranscript(): Step[] {
  const text = readFileSync(join(fixturesDir, 'transcripts', 'restore-privileges.txt'), 'utf8');
  const steps: { user: string; statement: string; lines: string[] }[] = [];
  let user = 'root';
  for (const line of text.split('\n')) {
    const as = /^-- user (\w+)/.exec(line)?.[1];
    if (as !== undefined) user = as;
    else if (line.startsWith('> ')) steps.push({ user, statement: line.slice(2), lines: [] });
    else steps.at(-1)?.lines.push(line);
  }
  return steps.map(({ lines, ...step }) => ({ ...step, expected: lines.join('\n').trimEnd() }));
}

const transcript = readTranscript();

describePsql('restore-privileges.txt', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const answer = ({ user, statement }: Step): string => {
    const sql = statement.replace('{bank}', latest('bank')).replace('{cluster}', '2021/05/13-1');
    const url = server.url().replace('//root@', `//${user}@`);
    const flags = ['-X', '-q', '--csv', '-P', 'null=NULL', '-v', 'VERBOSITY=verbose'];
    const { stdout, stderr } = spawnSync('psql', [...flags, url, '-c', sql], { encoding: 'utf8' });
    return (stdout + stderr)
      .replace(/^LOCATION: .*\n?/gm, '')
      .replace(',trace_id,last_run,next_run,num_runs,execution_errors', '')
      .trimEnd();
  };

  test.each(transcript.map((step) => [`${step.user}: ${step.statement}`, step] as const))(
    '%s',
    (_, step) => {
      const instead = INSTEAD.find(([start]) => step.statement.startsWith(start));
      if (instead === undefined) expect(answer(step)).toBe(step.expected);
      else expect(answer(step)).toMatch(instead[1]);
    },
  );
});
