import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { md, pki } from 'node-forge';

/**
 * X.509 certificates as CockroachDB makes them: RSA keys, signed with SHA-256; `node` serves and connects, clients connect, and
 * the common name says who it is.
 */

export interface KeyAndCertificate {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
}

export type Subject =
  | { readonly kind: 'node'; readonly hosts: readonly string[] }
  | { readonly kind: 'client'; readonly user: string };

export interface Authority {
  readonly cert: string;
  readonly key: string;
}

const ORGANIZATION = 'Cockroach';
const CA_NAME = 'Cockroach CA';
const HOUR_MS = 3_600_000;
/** Clocks differ. */
const BACKDATED_MS = 24 * HOUR_MS;
const SERIAL_BYTES = 16;

const subjectOf = (commonName: string): pki.CertificateField[] => [
  { name: 'organizationName', value: ORGANIZATION },
  { name: 'commonName', value: commonName },
];

export function newKey(keySizeBits: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: keySizeBits });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** A certificate of the authority itself, for a key that is there. */
export function authorityCertificate(key: string, lifetimeHours: number): string {
  const { cert, privateKey } = draft(key, CA_NAME, lifetimeHours);
  cert.setIssuer(subjectOf(CA_NAME));
  cert.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 1 },
    {
      name: 'keyUsage',
      critical: true,
      digitalSignature: true,
      nonRepudiation: true,
      keyEncipherment: true,
      keyCertSign: true,
    },
    { name: 'subjectKeyIdentifier' },
  ]);
  cert.sign(privateKey, md.sha256.create());
  return pki.certificateToPem(cert);
}

/** A new key with its certificate. @throws Error when the authority's files can't be read */
export function issue(
  subject: Subject,
  authority: Authority,
  lifetimeHours: number,
  keySizeBits: number,
): KeyAndCertificate {
  const ca = pki.certificateFromPem(authority.cert);
  const key = newKey(keySizeBits);
  const name = subject.kind === 'node' ? 'node' : subject.user;
  const { cert } = draft(key, name, lifetimeHours);
  // Not longer than who vouches for it.
  if (ca.validity.notAfter < cert.validity.notAfter) cert.validity.notAfter = ca.validity.notAfter;
  cert.setIssuer(ca.subject.attributes);
  const isNode = subject.kind === 'node';
  cert.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: isNode, clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes(),
    },
    ...(isNode ? [{ name: 'subjectAltName', altNames: subject.hosts.map(altName) }] : []),
  ]);
  cert.sign(pki.privateKeyFromPem(authority.key), md.sha256.create());
  return { key, cert: pki.certificateToPem(cert) };
}

/** Types of GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const altName = (host: string) =>
  isIP(host) === 0 ? { type: DNS_NAME, value: host } : { type: IP_ADDRESS, ip: host };

function draft(key: string, commonName: string, lifetimeHours: number) {
  const privateKey = pki.privateKeyFromPem(key);
  const cert = pki.createCertificate();
  cert.publicKey = pki.setRsaPublicKey(privateKey.n, privateKey.e);
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial.readUInt8(0) & 0x7f) | 0x40; // Positive, and of one length.
  cert.serialNumber = serial.toString('hex');
  const now = Date.now();
  cert.validity.notBefore = new Date(now - BACKDATED_MS);
  cert.validity.notAfter = new Date(now + lifetimeHours * HOUR_MS);
  cert.setSubject(subjectOf(commonName));
  return { cert, privateKey };
}
