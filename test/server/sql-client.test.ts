import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { parseFlags } from '../../server/flags';
import { type ClientIo, runSqlClient } from '../../server/sql-client/run-sql-client';
import type { SqlFlags } from '../../server/sql-client/sql-flags';
import { StatementSplitter } from '../../server/sql-client/statement-splitter';
import { TableWriter } from '../../server/sql-client/table-writer';
import { TextOutput } from '../../server/sql-client/text-output';
import { UsageError } from '../../server/usage-error';
import { OothecaProcess } from '../support/ootheca-process';
import { fixturesDir, repoRoot } from '../support/shared';
import { dataRow } from './fake-engine';
import { eventually, message, startServer, type TestServer } from './harness';

function sqlFlags(...argv: string[]): SqlFlags {
  const flags = parseFlags(['sql', ...argv]);
  if (flags.command !== 'sql') throw new Error(`not sql but ${flags.command}`);
  return flags;
}

class Collector extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly script?: string | Readable;
  readonly io?: Partial<ClientIo>;
}

async function runClient(argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const output = new Collector();
  const errors = new Collector();
  const { script = '' } = options;
  const code = await runSqlClient(sqlFlags(...argv), {
    input: typeof script === 'string' ? Readable.from([Buffer.from(script)]) : script,
    output,
    errors,
    isInteractive: false,
    isOutputTerminal: false,
    onInterrupt: () => () => undefined,
    exit: (exitCode) => {
      throw new Error(`exit ${exitCode}`);
    },
    ...options.io,
  });
  return { code, out: output.text, err: errors.text };
}

describe('the command line', () => {
  test('the defaults', () => {
    expect(sqlFlags()).toEqual({
      command: 'sql',
      connection: {
        host: '127.0.0.1',
        port: 26257,
        user: 'root',
        password: undefined,
        database: 'defaultdb',
        tls: undefined,
        parameters: {},
      },
      statements: [],
      format: undefined,
    });
  });

  test('a URL, and flags that win over it', () => {
    const url = '--url=postgres://me:p%40ss@[::1]:1/d%20b?sslmode=disable&application_name=x';
    expect(sqlFlags(url, '-e', 'a', '--execute=b', '--format=csv')).toMatchObject({
      connection: {
        host: '::1',
        port: 1,
        user: 'me',
        password: 'p@ss',
        database: 'd b',
        parameters: { application_name: 'x' },
      },
      statements: ['a', 'b'],
      format: 'csv',
    });
    expect(
      sqlFlags(url, '--host=h:2', '-p3', '-u', 'you', '-d', 'e', '--insecure').connection,
    ).toMatchObject({ host: 'h', port: 3, user: 'you', database: 'e' });
  });

  test('TLS', () => {
    const tls = (...argv: string[]) => sqlFlags(...argv).connection.tls;
    const url = '--url=postgresql://u@h/d';
    expect(tls(url)).toEqual({ mode: 'prefer' });
    expect(tls(`${url}?sslmode=disable`)).toBeUndefined();
    expect(tls(url, '--insecure')).toBeUndefined();
    expect(tls('--certs-dir=c')).toEqual({ mode: 'verify-full', certsDir: 'c' });
    expect(tls(`${url}?sslmode=require&sslrootcert=a&sslcert=b&sslkey=c`)).toEqual({
      mode: 'require',
      rootCert: 'a',
      cert: 'b',
      key: 'c',
    });
    expect(() => tls('--certs-dir=c', '--insecure')).toThrow('exclude each other');
  });

  test.each([
    ['--url=mysql://root@h/d', '--url is not postgresql://'],
    ['--url=postgresql://u:hush@h/d?sslmode=always', 'sslmode=always is none of disable'],
    ['--url=postgresql://u:hush%@h/d?sslmode=disable', 'must be written as %25'],
    ['--url=postgresql://h/d?sslcrl=x', 'the parameter "sslcrl" is not supported'],
    ['--port=0', 'there is no port "0"'],
    ['--host=a:b', 'is not HOST or HOST:PORT'],
    ['--user=', '--user needs a name'],
    ['--format=html', 'is none of table, csv, tsv, records'],
    ['--certs-dir=', '--certs-dir needs a directory'],
    ['--nonsense', "Unknown option '--nonsense'"],
  ])('%s is refused, and no password repeated', (argument, sentence) => {
    const parse = (): SqlFlags => sqlFlags(argument);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(sentence);
    expect(parse).not.toThrow('hush');
  });
});

describe('statements of a script', () => {
  function split(script: string): string[] {
    const splitter = new StatementSplitter();
    const statements = splitter.push(script);
    const last = splitter.finish();
    return last === undefined ? statements : [...statements, last];
  }

  test.each([
    ['a; b ;c', ['a', 'b', 'c']],
    [' ;; ', []],
    ["'a;''b;';c", ["'a;''b;'", 'c']],
    ['"a;""b";c', ['"a;""b"', 'c']],
    ["e'\\';''\\';';c", ["e'\\';''\\';'", 'c']],
    ["b'\\';'';c", ["b'\\';'';c"]],
    ["name'\\';c", ["name'\\'", 'c']],
    ['$$;$$;$a$;$$;$b$;$a$;c', ['$$;$$', '$a$;$$;$b$;$a$', 'c']],
    ['a$b$;$b$;c', ['a$b$', '$b$;c']],
    ['$1;$2', ['$1', '$2']],
    ['a -- b; c\n;d', ['a -- b; c', 'd']],
    ['/* a; /* b; */ c; */ d;e', ['/* a; /* b; */ c; */ d', 'e']],
    ['-- nothing\n  -- more', []],
  ])('%j', (script, statements) => expect(split(script)).toEqual(statements));

  test('pieces of whole lines are the same script', () => {
    const word = fc.constantFrom(
      ...['a', 'e', ';', ';', "'", "''", '"', '$$', '$a$', '--', '/*', '*/', '\\', '\n', '\n', ' '],
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const script = words.join('');
        const splitter = new StatementSplitter();
        const statements = script.split(/(?<=\n)/).flatMap((line) => splitter.push(line));
        const last = splitter.finish();
        if (last !== undefined) statements.push(last);
        expect(statements).toEqual(split(script));
      }),
    );
  });
});

describe('against a server', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.stop());
  const run = (argv: readonly string[], options?: RunOptions): Promise<Run> =>
    runClient(
      [`--url=postgresql://root@127.0.0.1:${server.port}/d?sslmode=disable`, ...argv],
      options,
    );

  test('a table, a tag, a notice', async () => {
    const result = await run(['--format=table', '-e', 'rows 2 3; insert 7', '-e', 'notice hi all']);
    expect(result).toEqual({
      code: 0,
      out: ' n | t\n---+-----\n 1 | äää\n 2 | äää\n(2 rows)\nINSERT 0 7\nNOTICE\n',
      err: 'NOTICE: hi all\n',
    });
    expect(server.engine.sessions[0]?.options.database).toBe('d');
    await eventually(() => server.engine.openSessions === 0);
  });

  test('a terminal gets tables, others tsv', async () => {
    expect((await run(['-e', 'rows 1'])).out).toBe('n\tt\n1\tä\n');
    const terminal = await run(['-e', 'select 5'], { io: { isOutputTerminal: true } });
    expect(terminal.out).toBe(' ?column?\n----------\n        5\n(1 row)\n');
  });

  test('records', async () => {
    const { out } = await run(['--format=records', '-e', 'rows 2 1']);
    expect(out).toBe('-[ RECORD 1 ]\nn | 1\nt | ä\n-[ RECORD 2 ]\nn | 2\nt | ä\n');
  });

  test('the first error ends it', async () => {
    const result = await run(['--format=csv', '-e', 'failrows 2', '-e', 'select 1']);
    expect(result.code).toBe(1);
    expect(result.out).toBe('n,t\n1,ä\n2,ä\n');
    expect(result.err).toBe('ERROR: division by zero\nSQLSTATE: 22012\n');
  });

  test('a table without a row yet is not begun', async () => {
    expect((await run(['--format=table', '-e', 'failrows 0'])).out).toBe('');
    expect((await run(['--format=table', '-e', 'rows 0'])).out).toBe(' n | t\n---+---\n(0 rows)\n');
  });

  test('an error has its detail and hint; a table that it cuts short has no count', async () => {
    const failed = await run(['--format=table', '-e', 'failrows 1']);
    expect(failed.out).toBe(' n | t\n---+---\n 1 | ä\n');
    const { err } = await run(['-e', 'error undefinedTable no such table']);
    expect(err).toBe('ERROR: no such table\nSQLSTATE: 42P01\nDETAIL: the detail\nHINT: the hint\n');
  });

  test('a script, statement by statement, to its \\q', async () => {
    const { code, out } = await run([], {
      script: 'select 1;\nselect\n2; select 3\n;\n\\q\ncrash',
    });
    expect({ code, out }).toEqual({ code: 0, out: '?column?\n1\n?column?\n2\n?column?\n3\n' });
    expect(server.engine.sessions[0]?.calls.filter((call) => /^execute/.test(call))).toHaveLength(
      3,
    );
  });

  test('the last statement of a script needs no semicolon', async () => {
    expect((await run([], { script: 'begin; insert 3' })).out).toBe('BEGIN\nINSERT 0 3\n');
  });

  test('a script ends at its first error', async () => {
    const { code, out } = await run([], {
      script: 'insert 1;\nerror undefinedTable x;\ninsert 2;',
    });
    expect({ code, out }).toEqual({ code: 1, out: 'INSERT 0 1\n' });
  });

  test('a person goes on after an error', async () => {
    const script = 'error undefinedTable x;\nbegin;\ninsert\n2;\n\\q\n';
    const { code, out, err } = await run([], { script, io: { isInteractive: true } });
    expect({ code, out }).toEqual({ code: 0, out: 'BEGIN\nINSERT 0 2\n' });
    const prompt = `root@127.0.0.1:${server.port}`;
    expect(err).toContain(`${prompt}> ERROR: x\nSQLSTATE: 42P01\n`);
    expect(err).toContain(`${prompt} OPEN> `);
    expect(err).toContain('-> ');
  });

  test('Ctrl-C cancels what runs', async () => {
    const signals = new EventEmitter();
    const onInterrupt = (handler: () => void): (() => void) => {
      signals.on('interrupt', handler);
      return () => signals.off('interrupt', handler);
    };
    const running = run(['-e', 'wait', '-e', 'select 1'], { io: { onInterrupt } });
    await eventually(() => server.engine.sessions[0]?.calls.includes('execute wait') === true);
    signals.emit('interrupt');
    const { code, out, err } = await running;
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe('ERROR: query execution canceled\nSQLSTATE: 57014\n');
    expect(signals.listenerCount('interrupt')).toBe(0);
  });

  test('a slow reader slows the server down', async () => {
    const output = new PassThrough({ highWaterMark: 1 << 10 });
    const rowCount = 200_000;
    const running = run(['-e', `rows ${rowCount} 100`], { io: { output } });
    await once(output, 'readable');
    let batches = -1;
    const session = server.engine.sessions[0];
    // Nobody reads: the server comes to rest long before its last row.
    while (session !== undefined && batches !== session.batches) {
      batches = session.batches;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(batches).toBeGreaterThan(0);
    expect(batches * 100).toBeLessThan(rowCount);
    let lineCount = 0;
    output.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) lineCount++;
    });
    expect((await running).code).toBe(0);
    await eventually(() => output.readableLength === 0);
    expect(lineCount).toBe(rowCount + 1);
  });

  test('a reader that leaves ends it without a word', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const { code, err } = await run(['-e', 'rows 1000000'], { io: { output } });
    expect({ code, err }).toEqual({ code: 1, err: '' });
    await eventually(() => server.engine.openSessions === 0);
  });

  test('a refused session is told as the server tells it', async () => {
    server.engine.refusal = new Error('a bug');
    const { code, err } = await run(['-e', 'select 1']);
    expect(code).toBe(1);
    expect(err).toMatch(/^FATAL: .*\nSQLSTATE: XX000\n/);
  });
});

describe('formats', () => {
  const values = ['a', null, 'NULL', '', 'x,"y"', 'one\ntwo', 'tab\there', '\x1b[2J\r', '日本'];
  const columns = values.map((_, i) => `c${i}`);
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await scriptedServer((socket) => {
      const fields = columns.map((name) => Buffer.concat([Buffer.from(`${name}\0`), TEXT_FIELD]));
      const count = Buffer.from([0, columns.length]);
      socket.write(message('T', Buffer.concat([count, ...fields])));
      socket.write(Buffer.concat([dataRow(values), message('C', 'SELECT 1\0'), message('Z', 'I')]));
    });
  });
  afterAll(() => server.stop());
  const out = async (format: string): Promise<string> =>
    (await runClient([server.url, `--format=${format}`, '-e', 'x'])).out;

  test('csv: RFC 4180, and NULL is not the text NULL', async () => {
    expect(await out('csv')).toBe(
      `${columns.join()}\na,NULL,"NULL",,"x,""y""","one\ntwo",tab\there,"\x1b[2J\r",日本\n`,
    );
  });

  test('tsv', async () => {
    expect(await out('tsv')).toBe(
      `${columns.join('\t')}\na\tNULL\t"NULL"\t\t"x,""y"""\t"one\ntwo"\t"tab\there"\t"\x1b[2J\r"\t日本\n`,
    );
  });

  test('table: lines that go on, tabs, control characters, wide characters', async () => {
    expect(await out('table')).toBe(
      [
        ' c0 | c1   | c2   | c3 | c4    | c5  | c6           | c7        | c8',
        '----+------+------+----+-------+-----+--------------+-----------+------',
        ' a  | NULL | NULL |    | x,"y" | one+| tab     here | \\x1B[2J\\r | 日本',
        '    |      |      |    |       | two |              |           |',
        '(1 row)\n',
      ].join('\n'),
    );
  });

  test('records', async () => {
    expect((await out('records')).split('\n').slice(5, 10)).toEqual([
      'c4 | x,"y"',
      'c5 | one',
      '   | two',
      'c6 | tab     here',
      'c7 | \\x1B[2J\\r',
    ]);
  });

  test('a long table comes in chunks', async () => {
    const stream = new Collector();
    const output = new TextOutput(stream, () => undefined);
    const writer = new TableWriter(output);
    writer.begin([{ name: 'n', isNumber: true }]);
    for (let n = 1; n <= 10_000; n++) writer.row([`${n}`]);
    await output.flush();
    expect(stream.text.split('\n').length).toBe(10_003);
    writer.row(['1234567']);
    writer.end(true);
    await output.finish();
    expect(stream.text.split('\n').slice(0, 3)).toEqual(['     n', '-------', '     1']);
    expect(stream.text).toMatch(/ 10000\n 1234567\n\(10001 rows\)\n$/);
  });
});

describe('servers that are not ours', () => {
  test('a password is sent when it is asked for, and only then', async () => {
    const received: string[] = [];
    const server = await scriptedServer(() => undefined, {
      greet: (socket) => {
        socket.write(message('R', Buffer.from([0, 0, 0, 3])));
        socket.once('data', (chunk: Buffer) => {
          received.push(chunk.toString('latin1'));
          socket.end(message('E', 'SFATAL\0C28P01\0Mno such user\0\0'));
        });
      },
    });
    const asked = await runClient([server.url, '-e', 'x']);
    expect(asked.err).toMatch(/^ERROR: the server asks for a password\nSQLSTATE: 08004\nHINT: /);
    expect(received).toEqual([]);
    const url = server.url.replace('root@', 'root:hush@');
    const refused = await runClient([url, '-e', 'x']);
    expect(refused).toEqual({
      code: 1,
      out: '',
      err: 'FATAL: no such user\nSQLSTATE: 28P01\n',
    });
    expect(received).toEqual(['p\0\0\0\x09hush\0']);
    await server.stop();
  });

  test.each([
    ['SCRAM', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0'), 'the server asks for a password'],
    ['MD5', Buffer.from([0, 0, 0, 5, 1, 2, 3, 4]), 'asks for an MD5 password'],
    ['an unknown kind', Buffer.from([0, 0, 0, 99]), "the server's answer is damaged"],
  ])('%s of authentication', async (_name, request, sentence) => {
    const server = await scriptedServer(() => undefined, {
      greet: (socket) => socket.write(message('R', request)),
    });
    const { code, err } = await runClient([server.url, '-e', 'x']);
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    await server.stop();
  });

  test('a connection that is lost', async () => {
    const server = await scriptedServer((socket) => socket.destroy());
    const { code, err } = await runClient([server.url, '-e', 'x', '-e', 'y']);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^ERROR: the connection to 127\.0\.0\.1:\d+ was lost: .*\nSQLSTATE: 08006\n$/,
    );
    await server.stop();
  });

  test('nobody there', async () => {
    const server = await scriptedServer(() => undefined);
    await server.stop();
    const { code, err } = await runClient([server.url, '-e', 'x']);
    expect(code).toBe(1);
    expect(err).toMatch(/^ERROR: cannot connect to .*\nSQLSTATE: 08001\nHINT: Is the server/);
  });

  test('COPY is declined', async () => {
    const server = await scriptedServer((socket) => {
      socket.write(message('G', Buffer.from([0, 0, 0])));
      socket.once('data', (chunk: Buffer) => {
        const why = chunk.toString('latin1').slice(5, -1);
        socket.write(message('E', `SERROR\0C57014\0Mfailed: ${why}\0\0`));
        socket.write(message('Z', 'I'));
      });
    });
    const { err } = await runClient([server.url, '-e', 'copy t from stdin']);
    expect(err).toContain('failed: ootheca sql does not support COPY');
    await server.stop();
  });
});

describe('the program', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    const io = join(fixturesDir, 'backups');
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  test('restores bank and reads it', async () => {
    const main = join(repoRoot, 'dist', 'server', 'main.js');
    const child = spawn(process.execPath, [main, 'sql', `--url=${server.url()}`, '--format=csv']);
    const out = new Collector();
    const err = new Collector();
    child.stdout.pipe(out);
    child.stderr.pipe(err);
    child.stdin.end(`
      RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'; -- one; statement
      SET database = bank;
      SELECT id, balance, st FROM accounts ORDER BY id LIMIT 2;
      SELECT nope FROM accounts;
      SELECT 1;
    `);
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(out.text.split('\n').slice(0, 2)).toEqual([
      'job_id,status,fraction_completed,rows,index_entries,bytes',
      expect.stringMatching(/^\d+,succeeded,1,3252,6250,\d+$/),
    ]);
    expect(out.text.split('\n').slice(2)).toEqual([
      'SET',
      'id,balance,st',
      '1,37.25,open',
      '2,74.50,open',
      '',
    ]);
    expect(err.text).toBe('ERROR: column "nope" does not exist\nSQLSTATE: 42703\n');
  });
});

/** Table 0, column 0, text, no modifier, text format. */
const TEXT_FIELD = Buffer.from('0000000000000000' + '0019ffffffffffff' + '0000', 'hex');

interface ScriptedServer {
  /** As a flag. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A server that answers each Query as told. */
async function scriptedServer(
  answer: (socket: Socket) => void,
  options: { readonly greet?: (socket: Socket) => void } = {},
): Promise<ScriptedServer> {
  const greet = (socket: Socket): void => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk[0] === 'Q'.charCodeAt(0)) answer(socket);
    });
    socket.write(Buffer.concat([message('R', Buffer.alloc(4)), message('Z', 'I')]));
  };
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => (options.greet ?? greet)(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `--url=postgresql://root@127.0.0.1:${port}/d?sslmode=disable`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
