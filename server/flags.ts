import { parseArgs } from 'node:util';
import { LOG_LEVELS, type LogLevel } from '../base/logger';
import { parseLocality, type Topology } from '../catalog/topology';
import {
  CERTS_DIR_DEFAULT,
  type CertFlags,
  KEY_SIZE_DEFAULT,
  parseCertFlags,
} from './cert/cert-flags';
import { type FileFlags, parseFileFlags } from './files/file-flags';
import { RESULT_FORMATS } from './sql-client/result-writer';
import { parseSqlFlags, SQL_URL_DEFAULT, type SqlFlags } from './sql-client/sql-flags';
import { UsageError } from './usage-error';

export type StoreSpec =
  | { readonly kind: 'directory'; readonly path: string }
  /** A private temporary directory. */
  | { readonly kind: 'memory' };

export type SecurityFlags =
  /** Not asked for: neither --insecure nor --certs-dir was given, and only this machine can connect. */
  | { readonly kind: 'insecure'; readonly isAsked: boolean; readonly isLocal: boolean }
  | { readonly kind: 'secure'; readonly certsDir: string; readonly acceptsPlain: boolean };

export interface StartFlags {
  readonly command: 'start';
  readonly store: StoreSpec;
  /** Empty = all interfaces. IPv6 without brackets. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly externalIoDir:
    | { readonly kind: 'default' }
    | { readonly kind: 'disabled' }
    | { readonly kind: 'directory'; readonly path: string };
  /** No `http` URLs, and no endpoints of the user's own. */
  readonly externalIoDisableHttp: boolean;
  /** Overwritten and deleted rows are kept for a while. */
  readonly history: boolean;
  /** No `AUTH=implicit`. */
  readonly externalIoDisableImplicitCredentials: boolean;
  readonly security: SecurityFlags;
  readonly logLevel: LogLevel;
  readonly topology: Topology;
}

export type Flags =
  | StartFlags
  | SqlFlags
  | FileFlags
  | CertFlags
  | { readonly command: 'version' }
  | { readonly command: 'help' };

const PORT_DEFAULT = 26257;
const HOST_DEFAULT = '127.0.0.1';
const STORE_DEFAULT = 'ootheca-data';

export const HELP = `Ootheca hatches a CockroachDB backup into a running SQL database.

Usage:
  ootheca start [flags]       start a server (also: start-single-node)
  ootheca sql [flags]         run SQL: of -e, of a script on standard input, or at a prompt
  ootheca cert COMMAND        make certificates: create-ca, create-node HOST…,
                              create-client USER, list
  ootheca userfile COMMAND    files in the server, of one's own: upload FILE [NAME],
                              list [PATTERN], get NAME [FILE], delete PATTERN
  ootheca nodelocal COMMAND   files in its external-io-dir: upload FILE [PATH]
  ootheca version             print the version
  ootheca help                print this text

Flags of start:
  -s, --store=DIR             where the data lives (default ${STORE_DEFAULT}); also path=DIR
      --store=type=mem        a private temporary directory, removed at exit; a size=… is
                              accepted and not enforced
      --listen-addr=HOST:PORT where to listen (default ${HOST_DEFAULT}:${PORT_DEFAULT}; port 0 = any free port)
      --no-history            keep no earlier versions of rows: AS OF SYSTEM TIME and backups
                              with revision_history are refused
      --external-io-dir=DIR   what nodelocal:// URLs see (default STORE/extern), or disabled
      --external-io-disable-http
                              refuse http:// URLs and custom endpoints of others
      --external-io-disable-implicit-credentials
                              refuse AUTH=implicit: this machine's own cloud credentials
      --certs-dir=DIR         serve with TLS, and ask who clients are: ca.crt, node.crt and
                              node.key, as ootheca cert makes them
      --accept-sql-without-tls
                              with --certs-dir: clients without TLS may log in with a password
      --insecure              no TLS, no passwords; needed without --certs-dir when others
                              than this machine can connect
      --locality=KEY=VALUE,…  where this node is, e.g. region=us-east1,zone=b
      --cluster-regions=A,B   regions that the cluster is declared to have, beside this
                              node's
      --log-level=LEVEL       ${LOG_LEVELS.join(', ')} (default info)

Flags of sql, userfile and nodelocal (the last two of sql alone):
      --url=URL               the server (default
                              ${SQL_URL_DEFAULT})
      --host=HOST[:PORT], -p/--port, -u/--user, -d/--database
                              instead of what the URL says
      --certs-dir=DIR         with TLS: ca.crt, client.USER.crt and client.USER.key
      --insecure              without TLS
  -e, --execute=SQL           run this and exit; may be given again
      --format=FORMAT         ${RESULT_FORMATS.join(', ')} (default table on a terminal, else tsv)

Flags of cert:
      --certs-dir=DIR         where certificates are (default ~/${CERTS_DIR_DEFAULT})
      --ca-key=FILE           the authority's key, best kept elsewhere (default
                              CERTS-DIR/ca.key)
      --lifetime=HOURSh       how long a certificate is good for
      --key-size=BITS         of new keys (default ${KEY_SIZE_DEFAULT})
      --overwrite             replace files that are there
      --allow-ca-key-reuse    create-ca: a new certificate for the key that is there
`;

const START_OPTIONS = {
  store: { type: 'string', short: 's', multiple: true },
  'listen-addr': { type: 'string' },
  'external-io-dir': { type: 'string' },
  'no-history': { type: 'boolean' },
  'external-io-disable-http': { type: 'boolean' },
  'external-io-disable-implicit-credentials': { type: 'boolean' },
  insecure: { type: 'boolean' },
  'accept-sql-without-tls': { type: 'boolean' },
  'certs-dir': { type: 'string' },
  'log-level': { type: 'string' },
  locality: { type: 'string' },
  'cluster-regions': { type: 'string' },
  background: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * The command line after `node main.js`.
 * @throws UsageError
 */
export function parseFlags(argv: readonly string[]): Flags {
  const [command, ...rest] = argv;
  switch (command) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return { command: 'help' };
    case 'version':
    case '--version':
      if (rest.length > 0) throw new UsageError(`unexpected argument ${quote(rest[0])}`);
      return { command: 'version' };
    case 'start':
    case 'start-single-node':
      return parseStart(rest);
    case 'sql':
      return parseSqlFlags(rest);
    case 'userfile':
    case 'nodelocal':
      return parseFileFlags(command, rest);
    case 'cert':
      return parseCertFlags(rest);
    default: {
      const what = command.startsWith('-') ? 'flag' : 'command';
      throw new UsageError(`unknown ${what} ${quote(command)}; see ootheca help`);
    }
  }
}

function quote(text: string | undefined): string {
  return JSON.stringify(text ?? '');
}

const BOOLEAN_FLAG =
  /^--(insecure|background|accept-sql-without-tls|external-io-disable-(?:http|implicit-credentials))=(true|false)$/;

/** `--flag=true` and `--flag=false` of boolean flags, which cockroach accepts and parseArgs does not. */
function plainBooleans(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (const argument of argv) {
    const match = BOOLEAN_FLAG.exec(argument);
    if (match === null) result.push(argument);
    else if (match[2] === 'true') result.push(`--${match[1]}`);
  }
  return result;
}

function parseStart(argv: readonly string[]): Flags {
  const values = parseStartValues(argv);
  if (values.help === true) return { command: 'help' };
  if (values.background === true) {
    throw new UsageError(
      '--background is not supported; use your shell (ootheca start … &) or a service manager',
    );
  }
  const { host, port } = parseListenAddress(values['listen-addr'] ?? '');
  return {
    command: 'start',
    store: parseStore(values.store ?? []),
    host,
    port,
    externalIoDir: parseExternalIoDir(values['external-io-dir']),
    history: values['no-history'] !== true,
    externalIoDisableHttp: values['external-io-disable-http'] === true,
    externalIoDisableImplicitCredentials:
      values['external-io-disable-implicit-credentials'] === true,
    security: parseSecurity(values, host),
    logLevel: parseLogLevel(values['log-level'] ?? 'info'),
    topology: parseTopology(values.locality, values['cluster-regions']),
  };
}

function parseSecurity(values: ReturnType<typeof parseStartValues>, host: string): SecurityFlags {
  const certsDir = values['certs-dir'];
  const acceptsPlain = values['accept-sql-without-tls'] === true;
  const isAsked = values.insecure === true;
  if (certsDir !== undefined) {
    if (certsDir === '') throw new UsageError('--certs-dir needs a directory');
    if (isAsked) throw new UsageError('--certs-dir and --insecure exclude each other');
    return { kind: 'secure', certsDir, acceptsPlain };
  }
  if (acceptsPlain) throw new UsageError('--accept-sql-without-tls needs --certs-dir');
  const isLocal = isLoopback(host);
  if (!isAsked && !isLocal) {
    throw new UsageError(
      `without TLS, listening on ${host === '' ? 'all interfaces' : host} would let anybody in who reaches it; ` +
        'give --certs-dir, add --insecure if that is meant, or listen on 127.0.0.1',
    );
  }
  return { kind: 'insecure', isAsked, isLocal };
}

function parseStartValues(argv: readonly string[]) {
  try {
    return parseArgs({ args: plainBooleans(argv), options: START_OPTIONS, strict: true }).values;
  } catch (error) {
    // The first sentence says what is wrong; the others how to escape dashes.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split(/\. |\n/)[0]}; see ootheca help`);
  }
}

function parseExternalIoDir(value: string | undefined): StartFlags['externalIoDir'] {
  if (value === undefined) return { kind: 'default' };
  if (value === '') throw new UsageError('--external-io-dir needs a directory, or disabled');
  return value === 'disabled' ? { kind: 'disabled' } : { kind: 'directory', path: value };
}

/** As cockroach reads them: tiers without a repeated key, names without spaces. */
function parseTopology(locality = '', regions = ''): Topology {
  const tiers = parseLocality(locality);
  const keys = new Set(tiers?.map(({ key }) => key));
  if (tiers === undefined || keys.size < tiers.length) {
    throw new UsageError(`--locality ${quote(locality)} is not KEY=VALUE,KEY=VALUE…`);
  }
  const names = regions === '' ? [] : regions.split(',');
  if (names.some((name) => !/^[^=,\s]+$/.test(name)) || new Set(names).size < names.length) {
    throw new UsageError(`--cluster-regions ${quote(regions)} is not a list of different names`);
  }
  return { locality: tiers, clusterRegions: names };
}

function parseLogLevel(value: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === value.toLowerCase());
  if (level !== undefined) return level;
  throw new UsageError(`--log-level ${quote(value)} is none of ${LOG_LEVELS.join(', ')}`);
}

function parseStore(values: readonly string[]): StoreSpec {
  if (values.length > 1) throw new UsageError('--store may be given once only');
  const value = values[0];
  if (value === undefined) return { kind: 'directory', path: STORE_DEFAULT };
  if (value === '') throw new UsageError('--store needs a directory');
  if (!/^[a-z]+=/.test(value)) return { kind: 'directory', path: value };
  const fields = new Map<string, string>();
  for (const field of value.split(',')) {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    if (equals < 0 || fields.has(name)) throw badStore(value);
    fields.set(name, field.slice(equals + 1));
  }
  return storeFromFields(value, fields);
}

function badStore(value: string): UsageError {
  return new UsageError(
    `--store=${quote(value)} is not understood; use a directory, path=DIR or type=mem`,
  );
}

function storeFromFields(value: string, fields: Map<string, string>): StoreSpec {
  const path = fields.get('path');
  const type = fields.get('type');
  const size = fields.get('size');
  fields.delete('path');
  fields.delete('type');
  fields.delete('size');
  if (fields.size > 0) throw badStore(value);
  if (type === undefined) {
    if (size !== undefined) {
      throw new UsageError('--store: a size limit is not supported for a store directory');
    }
    if (path === undefined || path === '') throw badStore(value);
    return { kind: 'directory', path };
  }
  if (type !== 'mem' || path !== undefined) throw badStore(value);
  if (size !== undefined && !/^\d+(\.\d+)?\s*([kmgtp]?i?b?|%)$/i.test(size)) throw badStore(value);
  return { kind: 'memory' };
}

/** `host:port`, `:port`, `host`, `[v6]:port`, `[v6]`; what is missing takes its default. */
function parseListenAddress(value: string): { host: string; port: number } {
  if (value === '') return { host: HOST_DEFAULT, port: PORT_DEFAULT };
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]*))(?::(\d*))?$/.exec(value);
  if (match === null) {
    throw new UsageError(`--listen-addr ${quote(value)} is not HOST:PORT`);
  }
  const host = match[1] ?? match[2] ?? '';
  const portText = match[3] ?? '';
  const port = portText === '' ? PORT_DEFAULT : Number(portText);
  if (port > 65_535) throw new UsageError(`--listen-addr: there is no port ${portText}`);
  return { host, port };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
