import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { fixturesDir, repoRoot } from '../support/shared';

/**
 * psql's describe commands over restored databases, as psql 15 prints them. Golden files: run with UPDATE_GOLDEN=1 to write
 * them anew, and read what changed.
 */

const COMMANDS = [
  '\\l',
  '\\d',
  '\\d+',
  '\\dt',
  '\\dt+',
  '\\di',
  '\\di+',
  '\\dv',
  '\\dv+',
  '\\dm',
  '\\ds',
  '\\dn',
  '\\dn+',
  '\\du',
  '\\du+',
  '\\df',
  '\\dT',
  '\\dT+',
  '\\dp',
  '\\dC',
  '\\dD',
  '\\dO',
  '\\db',
  '\\dx',
  '\\dy',
  '\\des',
  '\\dRp',
  '\\dP',
  '\\dX',
  '\\dd',
  '\\ddp',
  '\\drds',
  '\\sv',
];

const RELATIONS: Readonly<Record<string, readonly string[]>> = {
  alltypes: [
    '"Quoted Name"',
    'by_n',
    'child',
    'families',
    'idx_kinds',
    'k_bytes',
    'k_dec',
    'k_float',
    'k_int',
    'k_misc',
    'k_str',
    'k_time',
    'mat',
    'no_pk',
    'other.things',
    'other.v_on_view',
    'parent',
    'pkchange',
    'scalars',
    'seq',
    'seq_user',
    'serials',
    'serials_id_seq',
    'v_children',
    'wide',
    'pg_catalog.pg_namespace',
  ],
  bank: ['accounts', 'archive.old', 'customers', 'customers_email_key', 'rich', 'transfers'],
  movr: [
    'promo_codes',
    'rides',
    'user_promo_codes',
    'users',
    'vehicle_location_histories',
    'vehicles',
  ],
};

/** The view that \sv shows. */
const VIEWS: Readonly<Record<string, string>> = { alltypes: 'v_children', bank: 'rich' };

/** psql sorts by schema and name only: primary keys all have the same. */
const TIES: ReadonlySet<string> = new Set(['\\di', '\\di+']);

function commandsFor(database: string): string[] {
  const view = VIEWS[database];
  return [
    ...COMMANDS.flatMap((command) => {
      if (command !== '\\sv') return [command];
      return view === undefined ? [] : [`\\sv ${view}`];
    }),
    ...(RELATIONS[database] ?? []).flatMap((name) => [`\\d ${name}`, `\\d+ ${name}`]),
  ];
}

/** The part's first line says what was asked; what was shown is sorted. */
function sortedPart(part: string): string {
  const end = part.indexOf('\n');
  const lines = part
    .slice(end + 1)
    .trimEnd()
    .split('\n');
  return `${part.slice(0, end)}\n${lines.sort().join('\n')}\n\n`;
}

describePsql('psql describes', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    const io = join(fixturesDir, 'backups');
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    for (const database of Object.keys(RELATIONS))
      server.psql('defaultdb', [
        `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`,
      ]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test.each(Object.keys(RELATIONS))('%s', (database) => {
    const commands = commandsFor(database);
    const args = commands.flatMap((command) => [
      '-c',
      `\\echo '### ${command.replace('\\', '\\\\')}'`,
      '-c',
      command,
    ]);
    const env = { ...process.env, PAGER: '', LC_ALL: 'C.UTF-8', COLUMNS: '' };
    const done = spawnSync('psql', ['-X', server.url(database), ...args], {
      encoding: 'utf8',
      env,
    });
    // psql says on stderr, too, that a list is empty.
    expect(done.stderr.replace(/^Did not find any .*\n/gm, '')).toBe('');
    const shown = done.stdout
      .split(/^(?=### )/m)
      .map((part) => (TIES.has(part.slice(4, part.indexOf('\n'))) ? sortedPart(part) : part))
      .map((part) => part.replace(/[ \t]+$/gm, ''))
      .join('');
    const golden = join(repoRoot, 'test', 'golden', 'psql-meta', `${database}.txt`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, shown);
    expect(shown).toBe(readFileSync(golden, 'utf8'));
  });
});
