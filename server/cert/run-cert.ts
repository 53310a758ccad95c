import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CertificateError, certificate, checkKeyPermissions, commonName } from '../auth/certs-dir';
import type { CertFlags } from './cert-flags';
import { type Authority, authorityCertificate, issue, newKey, type Subject } from './certificates';

/** `ootheca cert`: makes the certificates of a server and its clients. Where files lie: auth/certs-dir.ts. */

/** @param print takes lines for standard output. @throws CertificateError */
export function runCert(flags: CertFlags, print: (line: string) => void): void {
  try {
    runCommand(flags, print);
  } catch (error) {
    // What the system says names the file.
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : new CertificateError(message);
  }
}

function runCommand(flags: CertFlags, print: (line: string) => void): void {
  const { cert } = flags;
  switch (cert.kind) {
    case 'create-ca':
      createCa(flags, cert.allowKeyReuse);
      break;
    case 'create-node':
      createCertificate(flags, { kind: 'node', hosts: cert.hosts }, 'node');
      break;
    case 'create-client': {
      const { user } = cert;
      createCertificate(flags, { kind: 'client', user }, `client.${user}`);
      break;
    }
    case 'list':
      list(flags, print);
  }
}

function createCa(flags: CertFlags, allowKeyReuse: boolean): void {
  const { caKey, certsDir, lifetimeHours, keySizeBits, overwrite } = flags;
  makeDirectory(certsDir);
  const known = existsSync(caKey);
  if (known && !allowKeyReuse && !overwrite) {
    throw new CertificateError(
      `CA key ${caKey} exists, but key reuse is disabled; give --allow-ca-key-reuse, or --overwrite for a new key`,
    );
  }
  const reused = known && allowKeyReuse;
  if (reused) checkKeyPermissions(caKey);
  const key = reused ? readText(caKey) : newKey(keySizeBits);
  const path = join(certsDir, 'ca.crt');
  if (existsSync(path) && !overwrite && !reused) throw exists(path);
  const cert = usingAuthority(caKey, () => authorityCertificate(key, lifetimeHours));
  // Certificates that the one before has signed stay good.
  const before = existsSync(path) && reused ? readText(path) : '';
  if (!reused) {
    makeDirectory(dirname(caKey));
    write(caKey, key, KEY_MODE, overwrite);
  }
  write(path, `${unixLines(cert)}${before}`, CERT_MODE, true);
}

function createCertificate(flags: CertFlags, subject: Subject, name: string): void {
  const { caKey, certsDir, lifetimeHours, keySizeBits, overwrite } = flags;
  const caPath = join(certsDir, 'ca.crt');
  for (const path of [caKey, caPath]) {
    if (existsSync(path)) continue;
    throw new CertificateError(`there is no ${path}; make it with ootheca cert create-ca`);
  }
  checkKeyPermissions(caKey);
  const paths = { cert: join(certsDir, `${name}.crt`), key: join(certsDir, `${name}.key`) };
  for (const path of Object.values(paths)) if (existsSync(path) && !overwrite) throw exists(path);
  const authority: Authority = { cert: readText(caPath), key: readText(caKey) };
  const made = usingAuthority(caKey, () => issue(subject, authority, lifetimeHours, keySizeBits));
  const signer = certificate(authority.cert, caPath);
  if (!new X509Certificate(made.cert).verify(signer.publicKey)) {
    throw new CertificateError(`${caKey} is not the key of ${caPath}`);
  }
  write(paths.key, made.key, KEY_MODE, overwrite);
  write(paths.cert, unixLines(made.cert), CERT_MODE, overwrite);
}

const exists = (path: string): CertificateError =>
  new CertificateError(`${path} exists; give --overwrite to replace it`);

/** What the library says of files that it can't read, as a sentence. */
function usingAuthority<T>(caKey: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`cannot sign with ${caKey}: ${reason}`);
  }
}

const KEY_MODE = 0o600;
const CERT_MODE = 0o644;
const DIRECTORY_MODE = 0o700;

const unixLines = (pem: string): string => pem.replaceAll('\r\n', '\n');

function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
}

/** All of it or nothing; nobody else can read a key, not even for a moment. */
function write(path: string, text: string, mode: number, overwrite: boolean): void {
  if (!overwrite) {
    writeFileSync(path, text, { mode, flag: 'wx' });
    return;
  }
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode, flag: 'wx' });
  renameSync(temporary, path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CertificateError(`cannot read ${path}: ${reason}`);
  }
}

const COLUMNS = ['Usage', 'Certificate File', 'Key File', 'Expires', 'Notes', 'Error'] as const;

function list({ certsDir }: CertFlags, print: (line: string) => void): void {
  const files = existsSync(certsDir) ? readdirSync(certsDir).sort() : [];
  print(`Certificate directory: ${certsDir}`);
  print(COLUMNS.join('\t'));
  for (const file of files.filter((name) => name.endsWith('.crt'))) {
    print(describe(certsDir, file).join('\t'));
  }
}

function describe(dir: string, file: string): string[] {
  const name = basename(file, '.crt');
  const usage = /^ca/.test(name) ? 'CA' : name === 'node' ? 'Node' : 'Client';
  const keyFile = `${name}.key`;
  const hasKey = existsSync(join(dir, keyFile));
  try {
    const cert = certificate(readText(join(dir, file)), join(dir, file));
    if (hasKey) checkKeyPermissions(join(dir, keyFile));
    const expires = new Date(cert.validTo).toISOString().slice(0, 10).replaceAll('-', '/');
    const notes =
      usage === 'CA'
        ? ''
        : usage === 'Node'
          ? `addresses: ${(cert.subjectAltName ?? '').replace(/(?:DNS|IP Address):/g, '').replaceAll(', ', ',')}`
          : `user: ${commonName(cert)}`;
    return [usage, file, hasKey ? keyFile : '', expires, notes, ''];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [usage, file, hasKey ? keyFile : '', '', '', reason];
  }
}
