import { X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { CorruptionError, SqlError } from '../base/errors';
import { createLogger, type Logger } from '../base/logger';
import type { Topology } from '../catalog/topology';
import type { Engine } from '../sql/engine';
import {
  CertificateError,
  readServerCertificates,
  type ServerCertificates,
} from './auth/certs-dir';
import { INSECURE, type Security } from './auth/security';
import { TlsUpgrader } from './auth/tls';
import { createEphemeralStore, removeEphemeralStore, removeStaleStores } from './ephemeral-store';
import type { StartFlags } from './flags';
import { Listener } from './listener';

/** How the engine is opened; `sql/open-engine.ts` in the program, a fake in tests. */
export type OpenEngine = (options: {
  readonly storeDir: string;
  /** `undefined`: nodelocal is disabled. */
  readonly externalIoDir: string | undefined;
  readonly history: boolean;
  readonly externalIoDisableHttp: boolean;
  readonly externalIoDisableImplicitCredentials: boolean;
  readonly logger: Logger;
  /** The store is a temporary one, removed at exit. */
  readonly ephemeral: boolean;
  readonly topology: Topology;
}) => Promise<Engine>;

/** The program can't start, for a reason that is not a bug: one sentence on stderr, exit code 1. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * `ootheca start`: runs until a signal ends it.
 * @returns the exit code. @throws StartupError
 */
export async function runServer(flags: StartFlags, openEngine: OpenEngine): Promise<number> {
  const logger = createLogger(flags.logLevel);
  let engine: Engine | undefined;
  const signal = firstSignal(logger, () => exitProcess(1, engine));
  const security = openSecurity(flags, logger);
  const storeDir = storeDirectory(flags, logger);
  if (flags.store.kind === 'memory') {
    // 'exit' also comes after a second signal and after an uncaught error.
    process.once('exit', () => removeEphemeralStore(storeDir));
  }
  engine = await openEngine({
    storeDir,
    externalIoDir: externalIoDirectory(flags, storeDir),
    history: flags.history,
    externalIoDisableHttp: flags.externalIoDisableHttp,
    externalIoDisableImplicitCredentials: flags.externalIoDisableImplicitCredentials,
    logger,
    ephemeral: flags.store.kind === 'memory',
    topology: flags.topology,
  }).catch((error: unknown) => {
    throw startupError(error, `cannot open the store ${storeDir}`, logger);
  });
  const listener = new Listener({ engine, logger, security });
  const where = `${flags.host === '' ? '*' : flags.host}:${flags.port}`;
  let address: AddressInfo;
  try {
    address = await listener.listen(flags.host, flags.port);
  } catch (error) {
    await engine.close();
    throw startupError(error, `cannot listen on ${where}`, logger);
  }
  tellSecurity(flags, logger);
  logger.info({ address, storeDir }, 'accepting connections');
  process.stdout.write(readyText(flags, address, storeDir));
  await signal;
  await listener.drain();
  await engine.close();
  logger.info('stopped');
  if (engine.holdsProcess) exitProcess(0, engine);
  return 0;
}

/** @throws StartupError */
function openSecurity({ security }: StartFlags, logger: Logger): Security {
  if (security.kind === 'insecure') return INSECURE;
  const { certsDir, acceptsPlain } = security;
  try {
    const tls = new TlsUpgrader(readCertificates(certsDir, logger));
    renewOnSignal(tls, certsDir, logger);
    return { kind: 'secure', tls, acceptsPlain };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new StartupError(error.message, { cause: error });
  }
}

function readCertificates(certsDir: string, logger: Logger): ServerCertificates {
  const certificates = readServerCertificates(resolve(certsDir));
  const { validTo } = new X509Certificate(certificates.cert);
  if (Date.parse(validTo) < Date.now()) logger.warn({ validTo }, 'node.crt has expired');
  return certificates;
}

/** Certificates are renewed without a restart: as with CockroachDB, SIGHUP has them read again. */
function renewOnSignal(tls: TlsUpgrader, certsDir: string, logger: Logger): void {
  process.on('SIGHUP', () => {
    try {
      tls.renew(readCertificates(certsDir, logger));
      logger.info('SIGHUP: certificates were read again');
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      logger.error({ reason: error.message }, 'SIGHUP: the certificates stay what they were');
    }
  });
}

function tellSecurity({ security }: StartFlags, logger: Logger): void {
  if (security.kind === 'secure') return;
  if (!security.isAsked) {
    logger.info(
      'neither --certs-dir nor --insecure given: serving this machine only, without TLS and passwords',
    );
  } else if (!security.isLocal) {
    logger.warn('--insecure: whoever reaches this address is let in as any user, without TLS');
  }
}

/** Node's exit joins all threads, also one that is deep in a cross join: then only a signal ends the process in time. */
function exitProcess(code: number, engine: Engine | undefined): void {
  if (engine?.holdsProcess !== true) process.exit(code);
  process.emit('exit', code);
  process.kill(process.pid, 'SIGKILL');
}

function storeDirectory(flags: StartFlags, logger: Logger): string {
  if (flags.store.kind === 'directory') return resolve(flags.store.path);
  try {
    for (const dir of removeStaleStores()) logger.info({ dir }, 'removed a stale temporary store');
    return createEphemeralStore();
  } catch (error) {
    throw startupError(error, 'cannot make a temporary store', logger);
  }
}

function externalIoDirectory(flags: StartFlags, storeDir: string): string | undefined {
  switch (flags.externalIoDir.kind) {
    case 'disabled':
      return undefined;
    case 'directory':
      return resolve(flags.externalIoDir.path);
    default:
      return join(storeDir, 'extern');
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function firstSignal(logger: Logger, onSecond: () => void): Promise<void> {
  return new Promise((resolvePromise) => {
    let seen = false;
    for (const name of SIGNALS) {
      process.on(name, () => {
        if (seen) return onSecond();
        seen = true;
        logger.info({ signal: name }, 'shutting down; a second signal ends at once');
        resolvePromise();
      });
    }
  });
}

function connectionUrl(flags: StartFlags, address: AddressInfo): string {
  const host = flags.host === '' || flags.host === '0.0.0.0' ? 'localhost' : flags.host;
  const shown = host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
  const url = `postgresql://root@${shown}:${address.port}/defaultdb`;
  if (flags.security.kind === 'insecure') return `${url}?sslmode=disable`;
  const file = (name: string): string => {
    const path = join(
      resolve(flags.security.kind === 'secure' ? flags.security.certsDir : ''),
      name,
    );
    return encodeURIComponent(path).replaceAll('%2F', '/');
  };
  return `${url}?sslmode=verify-full&sslrootcert=${file('ca.crt')}&sslcert=${file('client.root.crt')}&sslkey=${file('client.root.key')}`;
}

/** What a person, or a script that waits, reads on stdout. */
function readyText(flags: StartFlags, address: AddressInfo, storeDir: string): string {
  const url = connectionUrl(flags, address);
  const store = flags.store.kind === 'memory' ? 'temporary, removed at exit' : storeDir;
  const io = externalIoDirectory(flags, storeDir) ?? 'disabled';
  return [
    'ootheca is ready',
    `  sql:             ${url}`,
    `  connect:         psql '${url}'`,
    `  store:           ${store}`,
    `  external-io-dir: ${io}`,
    '',
  ].join('\n');
}

const SYSTEM_REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'the port is in use, perhaps by another server',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is not known',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EROFS: 'the file system is read-only',
};

/** One sentence; what is not expected is logged with its stack as well. */
function startupError(error: unknown, what: string, logger: Logger): StartupError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  const reason = SYSTEM_REASONS[code];
  const expected =
    reason !== undefined || error instanceof SqlError || error instanceof CorruptionError;
  if (!expected) logger.error({ err: error }, what);
  const hint = error instanceof SqlError && error.hint !== undefined ? ` (${error.hint})` : '';
  return new StartupError(`${what}: ${reason ?? message}${hint}`, { cause: error });
}
