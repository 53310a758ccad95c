import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { serialize } from 'pg-protocol';
import { CertificateError, readClientCertificates } from '../auth/certs-dir';
import { connectionError } from './report';
import type { ConnectionOptions, TlsOptions } from './sql-flags';

/** A client's socket, with TLS when it is asked for and the server has it. */

/** @returns the socket to speak PostgreSQL on. @throws ConnectionError */
export async function secureSocket(
  socket: Socket,
  options: ConnectionOptions,
): Promise<Socket | TLSSocket> {
  const { tls, host, user } = options;
  if (tls === undefined) return socket;
  const files = readFiles(tls, user);
  const answer = await askForTls(socket);
  if (answer === 'N') {
    if (tls.mode === 'prefer') return socket;
    socket.destroy();
    throw connectionError('rejected', 'the server has no TLS', 'sslmode=disable goes without.');
  }
  if (answer !== 'S') {
    socket.destroy();
    throw connectionError('protocolViolation', "the server's answer is damaged: is it PostgreSQL?");
  }
  return await handshake({
    socket,
    host,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...files,
    ...verification(tls, files.ca !== undefined),
  });
}

type Files = Pick<TlsConnectionOptions, 'ca' | 'cert' | 'key'>;

function readFiles({ certsDir, rootCert, cert, key }: TlsOptions, user: string): Files {
  try {
    const found = certsDir === undefined ? undefined : readClientCertificates(certsDir, user);
    const given = {
      ca: rootCert === undefined ? found?.ca : readFileSync(rootCert, 'utf8'),
      cert: cert === undefined ? found?.cert : readFileSync(cert, 'utf8'),
      key: key === undefined ? found?.key : readFileSync(key, 'utf8'),
    };
    return Object.fromEntries(Object.entries(given).filter(([, text]) => text !== undefined));
  } catch (error) {
    if (!(error instanceof CertificateError) && !(error as NodeJS.ErrnoException).code) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw connectionError('cannotConnect', reason);
  }
}

/** As libpq does: with a root certificate at hand, `require` looks at it. */
function verification({ mode }: TlsOptions, hasRoot: boolean): TlsConnectionOptions {
  if (mode === 'verify-full') return { rejectUnauthorized: true };
  if (mode === 'verify-ca' || (mode === 'require' && hasRoot)) {
    return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

function askForTls(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    const closed = (): void => reject(new Error('the server closed it'));
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once('data', (chunk: Buffer) => {
      socket.off('error', fail);
      socket.off('close', closed);
      // More than the one byte would have come in the clear, from whoever.
      resolve(chunk.length === 1 ? chunk.toString('latin1') : '');
    });
    socket.write(serialize.requestSsl());
  });
}

function handshake(options: TlsConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect(options);
    const fail = (error: Error): void => {
      secured.destroy();
      reject(connectionError('cannotConnect', `no TLS connection: ${error.message}`));
    };
    secured.once('error', fail);
    secured.once('secureConnect', () => {
      secured.off('error', fail);
      resolve(secured);
    });
  });
}
