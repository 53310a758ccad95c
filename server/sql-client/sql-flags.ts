import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error';
import { RESULT_FORMATS, type ResultFormat } from './result-writer';

/** As libpq's parameters `sslmode`, `sslrootcert`, `sslcert` and `sslkey`. */
export interface TlsOptions {
  readonly mode: 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** Where files are that are not named. */
  readonly certsDir?: string;
  readonly rootCert?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface ConnectionOptions {
  /** IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** Undefined: without TLS. */
  readonly tls: TlsOptions | undefined;
  /** More parameters of the startup message: application_name, options. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface SqlFlags {
  readonly command: 'sql';
  readonly connection: ConnectionOptions;
  /** Of -e; none: standard input. */
  readonly statements: readonly string[];
  /** `undefined`: table on a terminal, tsv elsewhere, as with cockroach sql. */
  readonly format: ResultFormat | undefined;
}

export const SQL_URL_DEFAULT = 'postgresql://root@127.0.0.1:26257/defaultdb?sslmode=disable';
const HOST_DEFAULT = '127.0.0.1';
const PORT_DEFAULT = 26_257;
const PORT_MAX = 65_535;

const SQL_OPTIONS = {
  url: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string', short: 'p' },
  user: { type: 'string', short: 'u' },
  database: { type: 'string', short: 'd' },
  execute: { type: 'string', short: 'e', multiple: true },
  format: { type: 'string' },
  insecure: { type: 'boolean' },
  'certs-dir': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * The command line after `ootheca sql`. Flags win over what the URL says.
 * @throws UsageError
 */
export function parseSqlFlags(argv: readonly string[]): SqlFlags | { readonly command: 'help' } {
  const values = parseValues(argv);
  if (values.help === true) return { command: 'help' };
  const url = parseUrl(values.url ?? SQL_URL_DEFAULT);
  return {
    command: 'sql',
    connection: {
      ...url,
      ...parseHost(values.host, url),
      ...(values.port === undefined ? {} : { port: parsePort(values.port, '--port') }),
      user: notEmpty(values.user, '--user') ?? url.user,
      database: notEmpty(values.database, '--database') ?? url.database,
      tls: tlsOf(url.tls, values['certs-dir'], values.insecure === true),
    },
    statements: values.execute ?? [],
    format: parseFormat(values.format),
  };
}

function tlsOf(
  tls: TlsOptions | undefined,
  certsDir: string | undefined,
  insecure: boolean,
): TlsOptions | undefined {
  if (certsDir === undefined) return insecure ? undefined : tls;
  if (insecure) throw new UsageError('--certs-dir and --insecure exclude each other');
  if (certsDir === '') throw new UsageError('--certs-dir needs a directory');
  return { mode: 'verify-full', ...tls, certsDir };
}

function parseValues(argv: readonly string[]) {
  const args = argv.filter((argument) => argument !== '--insecure=true');
  try {
    return parseArgs({ args, options: SQL_OPTIONS, strict: true }).values;
  } catch (error) {
    // The first sentence says what is wrong; the others how to escape dashes.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split(/\. |\n/)[0]}; see ootheca help`);
  }
}

function notEmpty(value: string | undefined, flag: string): string | undefined {
  if (value === '') throw new UsageError(`${flag} needs a name`);
  return value;
}

function parseFormat(value: string | undefined): ResultFormat | undefined {
  if (value === undefined) return undefined;
  const format = RESULT_FORMATS.find((known) => known === value);
  if (format !== undefined) return format;
  throw new UsageError(`--format ${JSON.stringify(value)} is none of ${RESULT_FORMATS.join(', ')}`);
}

function parsePort(value: string, where: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port === 0 || port > PORT_MAX) {
    throw new UsageError(`${where}: there is no port ${JSON.stringify(value)}`);
  }
  return port;
}

/** `HOST`, `HOST:PORT`, `[v6]` or `[v6]:PORT`. */
function parseHost(
  value: string | undefined,
  fallback: ConnectionOptions,
): Pick<ConnectionOptions, 'host' | 'port'> {
  if (value === undefined) return fallback;
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+))(?::(\d+))?$/.exec(value);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) {
    throw new UsageError(`--host ${JSON.stringify(value)} is not HOST or HOST:PORT`);
  }
  const port = match?.[3];
  return { host, port: port === undefined ? fallback.port : parsePort(port, '--host') };
}

/** @throws UsageError that never repeats the URL: it may hold a password */
function parseUrl(text: string): ConnectionOptions {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new UsageError('--url is not postgresql://user@host:port/database?sslmode=disable');
  }
  const password = url.password === '' ? undefined : decode(url.password);
  const parameters: Record<string, string> = {};
  const ssl = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (SSL_PARAMETERS.has(name)) ssl.set(name, value);
    else if (name === 'application_name' || name === 'options') parameters[name] = value;
    else throw new UsageError(`--url: the parameter ${JSON.stringify(name)} is not supported`);
  }
  return {
    host: decode(url.hostname.replace(/^\[(.*)\]$/, '$1')) || HOST_DEFAULT,
    port: url.port === '' ? PORT_DEFAULT : parsePort(url.port, '--url'),
    user: decode(url.username) || 'root',
    password,
    tls: parseTls(ssl),
    database: decode(url.pathname.slice(1)) || 'defaultdb',
    parameters,
  };
}

const SSL_PARAMETERS = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey']);
const MODES = ['prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** Without `sslmode` the server decides; a password in the clear is never sent without TLS then. */
function parseTls(ssl: ReadonlyMap<string, string>): TlsOptions | undefined {
  const sslmode = ssl.get('sslmode') ?? 'prefer';
  if (sslmode === 'disable') return undefined;
  const mode = MODES.find((known) => known === (sslmode === 'allow' ? 'prefer' : sslmode));
  if (mode === undefined) {
    throw new UsageError(`--url: sslmode=${sslmode} is none of disable, ${MODES.join(', ')}`);
  }
  const files = { rootCert: 'sslrootcert', cert: 'sslcert', key: 'sslkey' };
  const given = Object.entries(files).flatMap(([name, parameter]) => {
    const path = ssl.get(parameter);
    return path === undefined || path === '' ? [] : [[name, path]];
  });
  return { mode, ...Object.fromEntries(given) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError('--url: a % that does not start an escape must be written as %25');
  }
}
