import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A directory of certificates as CockroachDB lays it out: `ca.crt`, `node.crt` and `node.key` for a server, `client.<user>.crt`
 * and `client.<user>.key` for a client; `ca-client.crt` where another authority than ca.crt vouches for clients.
 */

/** A file that is missing, or not as it must be: a sentence for whoever starts the program. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

export interface ServerCertificates {
  /** PEM texts. */
  readonly ca: string;
  readonly clientCa: string;
  readonly cert: string;
  readonly key: string;
}

export interface ClientCertificates {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export const NODE_USER = 'node';

/** @throws CertificateError */
export function readServerCertificates(dir: string): ServerCertificates {
  const ca = required(dir, 'ca.crt', 'ootheca cert create-ca');
  const cert = required(dir, 'node.crt', 'ootheca cert create-node localhost 127.0.0.1');
  const key = requiredKey(dir, 'node.key');
  const name = commonName(certificate(cert, join(dir, 'node.crt')));
  if (name !== NODE_USER) {
    const path = join(dir, 'node.crt');
    throw new CertificateError(
      `${path} is a certificate of ${JSON.stringify(name)}, not of "node"`,
    );
  }
  return { ca, clientCa: optional(dir, 'ca-client.crt') ?? ca, cert, key };
}

/** What there is for a user; a certificate needs its key. @throws CertificateError */
export function readClientCertificates(dir: string, user: string): ClientCertificates {
  const cert = optional(dir, `client.${user}.crt`);
  const key = cert === undefined ? undefined : requiredKey(dir, `client.${user}.key`);
  return { ca: optional(dir, 'ca.crt'), cert, key };
}

/** @throws CertificateError */
export function certificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CertificateError(`${path} is not a certificate in PEM form`);
  }
}

/** Who a certificate is of. */
export function commonName(cert: X509Certificate): string {
  const { CN } = cert.toLegacyObject().subject as { readonly CN?: string | string[] };
  return Array.isArray(CN) ? '' : (CN ?? '');
}

function optional(dir: string, name: string): string | undefined {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`cannot read ${join(dir, name)}: ${reason}`);
  }
}

function required(dir: string, name: string, command: string): string {
  const text = optional(dir, name);
  if (text !== undefined) return text;
  throw new CertificateError(
    `there is no ${name} in ${dir}; make it with ${command} --certs-dir=${dir} --ca-key=…`,
  );
}

function requiredKey(dir: string, name: string): string {
  const key = optional(dir, name);
  if (key === undefined) throw new CertificateError(`there is no ${name} in ${dir}`);
  checkKeyPermissions(join(dir, name));
  return key;
}

const OTHERS = 0o077;

/** A key is its owner's alone. @throws CertificateError in CockroachDB's words */
export function checkKeyPermissions(path: string): void {
  if (process.platform === 'win32') return; // It has no such bits.
  const { mode } = statSync(path);
  if ((mode & OTHERS) === 0) return;
  throw new CertificateError(
    `key file ${path} has permissions ${permissionText(mode)}, exceeds -rwx------`,
  );
}

function permissionText(mode: number): string {
  const letters = [...'rwxrwxrwx'].map((letter, i) => (mode & (0o400 >> i) ? letter : '-'));
  return `-${letters.join('')}`;
}
