import { HELP, parseFlags, type StartFlags } from '../../server/flags';
import { UsageError } from '../../server/usage-error';

function start(...argv: string[]): StartFlags {
  const flags = parseFlags(['start', ...argv]);
  if (flags.command !== 'start') throw new Error(`not start but ${flags.command}`);
  return flags;
}

function complaint(...argv: string[]): string {
  try {
    parseFlags(argv);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`accepted: ${argv.join(' ')}`);
}

test('the defaults', () => {
  expect(start()).toEqual({
    command: 'start',
    store: { kind: 'directory', path: 'ootheca-data' },
    host: '127.0.0.1',
    port: 26257,
    externalIoDir: { kind: 'default' },
    history: true,
    externalIoDisableHttp: false,
    externalIoDisableImplicitCredentials: false,
    security: { kind: 'insecure', isAsked: false, isLocal: true },
    logLevel: 'info',
    topology: { locality: [], clusterRegions: [] },
  });
  expect(parseFlags(['start-single-node'])).toEqual(start());
});

test.each([
  ['--store=data/x', { kind: 'directory', path: 'data/x' }],
  ['--store=path=data/x', { kind: 'directory', path: 'data/x' }],
  ['-sdata', { kind: 'directory', path: 'data' }],
  ['--store=type=mem', { kind: 'memory' }],
  ['--store=type=mem,size=0.5GiB', { kind: 'memory' }],
  ['--store=size=1GB,type=mem', { kind: 'memory' }],
  ['--store=./a=b', { kind: 'directory', path: './a=b' }],
])('%s', (argument, store) => expect(start(argument).store).toEqual(store));

test.each([
  ['localhost:5432', 'localhost', 5432],
  ['127.0.0.1', '127.0.0.1', 26257],
  ['127.8.8.8:0', '127.8.8.8', 0],
  ['[::1]:99', '::1', 99],
  ['[::1]', '::1', 26257],
])('--listen-addr=%s', (value, host, port) => {
  expect(start(`--listen-addr=${value}`)).toMatchObject({
    host,
    port,
    security: { kind: 'insecure', isAsked: false, isLocal: true },
  });
});

test('other addresses need --insecure', () => {
  expect(start('--insecure', '--listen-addr=:26257')).toMatchObject({
    host: '',
    security: { kind: 'insecure', isAsked: true, isLocal: false },
  });
  expect(start('--insecure=true', '--listen-addr=[::]:1').host).toBe('::');
  for (const value of [
    ':26257',
    '0.0.0.0',
    '[::]:5',
    'db.example.com:1',
    '127.0.0.1.example.com',
  ]) {
    expect(complaint('start', `--listen-addr=${value}`)).toContain('add --insecure');
  }
  expect(complaint('start', '--insecure=false', '--listen-addr=:1')).toContain('add --insecure');
});

test('with certificates any address is served', () => {
  const security = { kind: 'secure', certsDir: 'c', acceptsPlain: false };
  expect(start('--certs-dir=c', '--listen-addr=:1').security).toEqual(security);
  expect(start('--certs-dir=c', '--accept-sql-without-tls=true').security).toEqual({
    ...security,
    acceptsPlain: true,
  });
});

test('cert', () => {
  expect(parseFlags(['cert', 'create-client', 'Ann', '--certs-dir=/c'])).toEqual({
    command: 'cert',
    cert: { kind: 'create-client', user: 'ann' },
    certsDir: '/c',
    caKey: '/c/ca.key',
    lifetimeHours: 43_800,
    keySizeBits: 2048,
    overwrite: false,
  });
  expect(
    parseFlags(['cert', 'create-ca', '--lifetime=1h30m', '--ca-key=/k', '--overwrite']),
  ).toMatchObject({ caKey: '/k', lifetimeHours: 1.5, overwrite: true });
});

test('locality and cluster-regions', () => {
  expect(
    start('--locality=region=us-east1,zone=b', '--cluster-regions=us-west1,eu').topology,
  ).toEqual({
    locality: [
      { key: 'region', value: 'us-east1' },
      { key: 'zone', value: 'b' },
    ],
    clusterRegions: ['us-west1', 'eu'],
  });
  for (const value of ['us-east1', 'region=', 'region=a,', 'region=a,region=b', 'a b=c']) {
    expect(complaint('start', `--locality=${value}`)).toContain('is not KEY=VALUE');
  }
  for (const value of ['a,', 'a,a', 'a b']) {
    expect(complaint('start', `--cluster-regions=${value}`)).toContain('different names');
  }
});

test('external-io-dir and log-level', () => {
  expect(start('--external-io-dir=/b').externalIoDir).toEqual({ kind: 'directory', path: '/b' });
  expect(start('--external-io-dir', 'disabled').externalIoDir).toEqual({ kind: 'disabled' });
  expect(start('--log-level=DEBUG').logLevel).toBe('debug');
});

test('version and help', () => {
  expect(parseFlags(['version'])).toEqual({ command: 'version' });
  for (const argv of [[], ['help'], ['--help'], ['start', '--help'], ['start', '-h']]) {
    expect(parseFlags(argv)).toEqual({ command: 'help' });
  }
  for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test.each([
  [['stop'], 'unknown command "stop"; see ootheca help'],
  [['--nope'], 'unknown flag "--nope"; see ootheca help'],
  [['version', 'now'], 'unexpected argument "now"'],
  [['start', '--join=a'], "Unknown option '--join'; see ootheca help"],
  [['start', 'here'], 'here'],
  [['start', '--store'], "'-s, --store <value>' argument missing"],
  [['start', '--store='], '--store needs a directory'],
  [['start', '--store=a', '--store=b'], '--store may be given once only'],
  [['start', '--store=type=disk'], 'use a directory, path=DIR or type=mem'],
  [['start', '--store=type=mem,path=x'], 'is not understood'],
  [['start', '--store=type=mem,size=big'], 'is not understood'],
  [['start', '--store=type=mem,type=mem'], 'is not understood'],
  [['start', '--store=path=a,attrs=ssd'], 'is not understood'],
  [['start', '--store=path=a,size=1GB'], 'a size limit is not supported'],
  [['start', '--listen-addr=localhost:http'], 'is not HOST:PORT'],
  [['start', '--listen-addr=localhost:65536'], 'there is no port 65536'],
  [['start', '--listen-addr=::1'], 'is not HOST:PORT'],
  [['start', '--external-io-dir='], '--external-io-dir needs a directory'],
  [['start', '--log-level=loud'], 'is none of trace, debug'],
  [['start', '--background'], '--background is not supported; use your shell'],
  [['start', '--certs-dir=certs', '--insecure'], 'exclude each other'],
  [['start', '--certs-dir='], '--certs-dir needs a directory'],
  [['start', '--accept-sql-without-tls'], 'needs --certs-dir'],
  [['cert'], 'there are create-ca, create-node, create-client and list'],
  [['cert', 'create-node'], 'needs at least one host'],
  [['cert', 'create-node', '../x'], 'is no name or address'],
  [['cert', 'create-client', 'a/b'], 'is no name of a user'],
  [['cert', 'create-ca', 'x'], 'unexpected argument "x"'],
  [['cert', 'create-ca', '--lifetime=tomorrow'], 'is not a number of hours'],
  [['cert', 'create-ca', '--key-size=512'], 'is not between 2048'],
])('%j is refused', (argv, message) => expect(complaint(...argv)).toContain(message));
