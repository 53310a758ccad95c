import { createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls';
import { CertificateError, commonName, type ServerCertificates } from './certs-dir';

/** TLS for sockets that began without it: PostgreSQL's clients ask for it in the clear. */

/** From the client's SSLRequest to the end of the handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MIN_VERSION: SecureVersion = 'TLSv1.2';

export class TlsUpgrader {
  private binding: Buffer | undefined;
  /** Never listens: it is given sockets. */
  private readonly server: Server;
  private readonly waiting = new Map<string, (secured: TLSSocket) => void>();

  /** @throws CertificateError when key and certificate do not fit together */
  constructor({ cert, key, clientCa }: ServerCertificates) {
    const options = { cert, key, ca: clientCa, minVersion: MIN_VERSION };
    try {
      this.server = createServer({
        ...options,
        // Who sends a certificate is told what is wrong with it; who sends none may have a password.
        requestCert: true,
        rejectUnauthorized: false,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      });
    } catch (error) {
      throw unusable(error);
    }
    this.binding = endPointBinding(new X509Certificate(cert).raw);
    this.server.on('secureConnection', (secured) => {
      const name = nameOf(secured);
      this.waiting.get(name)?.(secured);
      this.waiting.delete(name);
    });
    // The socket closes, which is what `upgrade` waits for.
    this.server.on('tlsClientError', (_, secured) => secured.destroy());
  }

  /** Hash of the server's certificate that SCRAM binds to; undefined: its signature has no hash of its own. */
  get endPoint(): Buffer | undefined {
    return this.binding;
  }

  /** Connections from now on see other certificates. @throws CertificateError: all stays as it was */
  renew({ cert, key, clientCa }: ServerCertificates): void {
    try {
      this.server.setSecureContext({ cert, key, ca: clientCa, minVersion: MIN_VERSION });
    } catch (error) {
      throw unusable(error);
    }
    this.binding = endPointBinding(new X509Certificate(cert).raw);
  }

  /** Nobody else may read the socket. @returns undefined: the client is gone, or does not speak TLS */
  upgrade(socket: Socket): Promise<TLSSocket | undefined> {
    const name = nameOf(socket);
    return new Promise((resolve) => {
      this.waiting.set(name, resolve);
      socket.once('close', () => {
        this.waiting.delete(name);
        resolve(undefined);
      });
      this.server.emit('connection', socket);
    });
  }
}

function unusable(error: unknown): CertificateError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CertificateError(`node.crt and node.key cannot be used: ${reason}`);
}

/** Of a connection while it lives: no other one has the same ends. */
const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/** What a client's certificate says. */
export type PeerCertificate =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly user: string }
  | { readonly kind: 'invalid'; readonly reason: string };

export function peerCertificate(secured: TLSSocket): PeerCertificate {
  const cert = secured.getPeerX509Certificate();
  if (cert === undefined) return { kind: 'none' };
  if (!secured.authorized) return { kind: 'invalid', reason: String(secured.authorizationError) };
  return { kind: 'valid', user: commonName(cert) };
}

/** Hashes of signatures that are not bound with SHA-256, by the OID in hex. Source: RFC 5929, section 4.1. */
const HASHES: ReadonlyMap<string, string | undefined> = new Map([
  ['2a864886f70d01010c', 'sha384'], // sha384WithRSAEncryption
  ['2a864886f70d01010d', 'sha512'], // sha512WithRSAEncryption
  ['2a8648ce3d040303', 'sha384'], // ecdsa-with-SHA384
  ['2a8648ce3d040304', 'sha512'], // ecdsa-with-SHA512
  ['2a864886f70d01010a', undefined], // rsassaPss: the hash is among its parameters
  ['2b6570', undefined], // Ed25519
  ['2b6571', undefined], // Ed448
]);

/** Certificate ::= SEQUENCE { SEQUENCE to be signed, SEQUENCE { OID of the signature … }, … } */
export function endPointBinding(der: Buffer): Buffer | undefined {
  const certificate = derValue(der, 0);
  const signed = derValue(der, certificate.start);
  const algorithm = derValue(der, signed.end);
  const oid = derValue(der, algorithm.start);
  const name = der.subarray(oid.start, oid.end).toString('hex');
  const hash = HASHES.has(name) ? HASHES.get(name) : 'sha256';
  return hash === undefined ? undefined : createHash(hash).update(der).digest();
}

/** Where the value of a DER element is: one byte of tag, then the length, maybe in several bytes. */
function derValue(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const count = first < 0x80 ? 0 : first & 0x7f;
  const length = count === 0 ? first : der.readUIntBE(at + 2, count);
  const start = at + 2 + count;
  return { start, end: start + length };
}
