import { X509Certificate } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CertificateError,
  readClientCertificates,
  readServerCertificates,
} from '../../server/auth/certs-dir';
import { endPointBinding } from '../../server/auth/tls';
import { parseCertFlags } from '../../server/cert/cert-flags';
import { runCert } from '../../server/cert/run-cert';
import { temporaryDirectory } from '../support/ootheca-process';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const dirOf = (name: string): string => join(directory.path, name);

function cert(dir: string, ...argv: string[]): string[] {
  const flags = parseCertFlags([...argv, `--certs-dir=${dir}`]);
  if (flags.command !== 'cert') throw new Error('not a command');
  const lines: string[] = [];
  runCert(flags, (line) => lines.push(line));
  return lines;
}

const read = (dir: string, name: string): X509Certificate =>
  new X509Certificate(readFileSync(join(dir, name)));

describe('a directory of certificates', () => {
  const dir = dirOf('certs');
  beforeAll(() => {
    cert(dir, 'create-ca');
    cert(dir, 'create-node', 'localhost', 'db.example.com', '127.0.0.1', '::1');
    cert(dir, 'create-client', 'Ann', '--lifetime=48h');
  });

  test('the authority vouches for node and clients', () => {
    const ca = read(dir, 'ca.crt');
    expect(ca.ca).toBe(true);
    for (const name of ['node.crt', 'client.ann.crt']) {
      const made = read(dir, name);
      expect(made.verify(ca.publicKey)).toBe(true);
      expect(made.checkIssued(ca)).toBe(true);
      expect(made.ca).toBe(false);
    }
    const node = read(dir, 'node.crt');
    expect(node.subject).toBe('O=Cockroach\nCN=node');
    for (const host of ['localhost', 'db.example.com']) expect(node.checkHost(host)).toBe(host);
    for (const ip of ['127.0.0.1', '::1']) expect(node.checkIP(ip)).toBe(ip);
    expect(node.checkHost('example.com')).toBeUndefined();
    const ann = read(dir, 'client.ann.crt');
    expect(ann.subject).toBe('O=Cockroach\nCN=ann');
    const hours = (Date.parse(ann.validTo) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(47);
    expect(hours).toBeLessThan(49);
  });

  test('a key is its owner’s alone', () => {
    for (const name of ['ca.key', 'node.key', 'client.ann.key']) {
      expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    }
    expect(readClientCertificates(dir, 'ann')).toMatchObject({ key: expect.any(String) });
    chmodSync(join(dir, 'client.ann.key'), 0o644);
    expect(() => readClientCertificates(dir, 'ann')).toThrow(
      'client.ann.key has permissions -rw-r--r--, exceeds -rwx------',
    );
    chmodSync(join(dir, 'client.ann.key'), 0o600);
  });

  test('nothing is replaced unless that is asked for', () => {
    expect(() => cert(dir, 'create-ca')).toThrow('key reuse is disabled');
    expect(() => cert(dir, 'create-node', 'x')).toThrow('node.crt exists; give --overwrite');
    const before = readFileSync(join(dir, 'client.ann.crt'), 'utf8');
    cert(dir, 'create-client', 'ann', '--overwrite');
    expect(readFileSync(join(dir, 'client.ann.crt'), 'utf8')).not.toBe(before);
  });

  test('list', () => {
    const [title, header, ...rows] = cert(dir, 'list');
    expect(title).toBe(`Certificate directory: ${dir}`);
    expect(header).toBe('Usage\tCertificate File\tKey File\tExpires\tNotes\tError');
    expect(rows.map((row) => row.replace(/\d{4}\/\d\d\/\d\d/, 'DATE'))).toEqual([
      'CA\tca.crt\tca.key\tDATE\t\t',
      'Client\tclient.ann.crt\tclient.ann.key\tDATE\tuser: ann\t',
      'Node\tnode.crt\tnode.key\tDATE\taddresses: localhost,db.example.com,127.0.0.1,0:0:0:0:0:0:0:1\t',
    ]);
  });

  test('what channels are bound to is the hash of the certificate', () => {
    const { raw, fingerprint256 } = read(dir, 'node.crt');
    expect(endPointBinding(raw)?.toString('hex')).toBe(
      fingerprint256.replaceAll(':', '').toLowerCase(),
    );
  });

  test('a server needs all of it', () => {
    expect(readServerCertificates(dir)).toMatchObject({ ca: expect.any(String) });
    expect(() => readServerCertificates(dirOf('nowhere'))).toThrow(CertificateError);
    expect(() => readServerCertificates(dirOf('nowhere'))).toThrow('there is no ca.crt in');
  });
});

test('what the system refuses is said in a sentence', () => {
  const file = join(directory.path, 'file');
  writeFileSync(file, '');
  expect(() => cert(join(file, 'certs'), 'create-ca')).toThrow(CertificateError);
  expect(() => cert(file, 'list')).toThrow('not a directory');
});

test('the authority’s key may be kept elsewhere, and be used again', () => {
  const dir = dirOf('reused');
  const key = `--ca-key=${dirOf('safe')}/ca.key`;
  cert(dir, 'create-ca', key);
  cert(dir, 'create-client', 'root', key);
  const first = readFileSync(join(dir, 'ca.crt'), 'utf8');
  cert(dir, 'create-ca', key, '--allow-ca-key-reuse');
  const both = readFileSync(join(dir, 'ca.crt'), 'utf8');
  expect(both.endsWith(first)).toBe(true);
  expect(read(dir, 'client.root.crt').verify(read(dir, 'ca.crt').publicKey)).toBe(true);
  expect(() => cert(dir, 'create-client', 'ann')).toThrow(`there is no ${join(dir, 'ca.key')}`);
  cert(dirOf('other'), 'create-ca');
  const other = `--ca-key=${dirOf('other')}/ca.key`;
  expect(() => cert(dir, 'create-client', 'ann', other)).toThrow('is not the key of');
  const broken = join(directory.path, 'broken.key');
  writeFileSync(broken, 'no key', { mode: 0o600 });
  expect(() => cert(dir, 'create-client', 'ann', `--ca-key=${broken}`)).toThrow('cannot sign with');
});
