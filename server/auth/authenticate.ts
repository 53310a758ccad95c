import { SqlError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { LoginMethod } from '../../sql/cluster-settings/host-rules';
import type { Engine, Login } from '../../sql/engine';
import type { Channel } from '../wire/channel';
import { ConnectionLostError, ProtocolError } from '../wire/protocol-error';
import type { LoginThrottle } from './login-throttle';
import { mockVerifier, ScramExchange } from './scram';
import { isPassword, parseStoredPassword, type StoredPassword } from './stored-password';
import type { PeerCertificate } from './tls';

/** Who a client is: asked for after its startup packet, before it has a session. */

export interface LoginAttempt {
  readonly engine: Engine;
  readonly channel: Channel;
  readonly throttle: LoginThrottle;
  readonly logger: Logger;
  /** As the client wrote it. */
  readonly user: string;
  readonly address: string;
  readonly isEncrypted: boolean;
  readonly certificate: PeerCertificate;
  /** What SCRAM can bind to; undefined: nothing. */
  readonly endPoint: Buffer | undefined;
}

/**
 * Returns when the client may be who it says it is.
 * @throws SqlError 28000, 28P01; ProtocolError; ConnectionLostError
 */
export async function authenticate(attempt: LoginAttempt): Promise<void> {
  const { engine, throttle, address, isEncrypted } = attempt;
  const login = engine.login(attempt.user);
  const { user } = login;
  const method = engine.hostRules().methodFor({ user, address, isEncrypted });
  try {
    if (!throttle.allows(address, user)) throw tooManyFailures();
    await prove(attempt, login, method);
  } catch (error) {
    if (error instanceof SqlError) {
      attempt.logger.warn({ user, method, reason: error.message }, 'login refused');
      if (error.sqlstate === '28P01') throttle.failed(address, user);
    }
    throw error;
  }
}

const rejected = (message: string): SqlError =>
  new SqlError('invalidAuthorizationSpecification', message);

const tooManyFailures = (): SqlError => rejected('too many failed logins: try again later');

async function prove(
  attempt: LoginAttempt,
  login: Login,
  method: LoginMethod | undefined,
): Promise<void> {
  const { certificate } = attempt;
  switch (method) {
    case undefined:
      throw rejected(
        `no server.host_based_authentication.configuration entry for host "${attempt.address}", user "${login.user}"`,
      );
    case 'reject':
      throw rejected('authentication rejected by configuration');
    case 'trust':
      return;
    case 'cert':
      return proveByCertificate(attempt, login);
    case 'password':
    case 'scram-sha-256':
      return provePassword(attempt, login, method === 'password');
    case 'cert-password':
    case 'cert-scram-sha-256':
      return certificate.kind === 'none'
        ? provePassword(attempt, login, method === 'cert-password')
        : proveByCertificate(attempt, login);
  }
}

function proveByCertificate({ certificate }: LoginAttempt, { user }: Login): void {
  switch (certificate.kind) {
    case 'none':
      throw rejected('no TLS peer certificates provided');
    case 'invalid':
      throw rejected(`the client's certificate is not valid: ${certificate.reason}`);
    case 'valid':
      if (certificate.user.normalize('NFC').toLowerCase() === user) return;
      throw rejected(`requested user is ${user}, but certificate is for ${certificate.user}`);
  }
}

/** @param cleartext whether a password may be asked for that only bcrypt can check */
async function provePassword(
  attempt: LoginAttempt,
  login: Login,
  cleartext: boolean,
): Promise<void> {
  const stored = parseStoredPassword(login.hashedPassword);
  const isRight =
    stored.kind === 'bcrypt' && cleartext
      ? await isClearPassword(attempt, login, stored)
      : await isScramProof(attempt, login, stored);
  if (!isRight) {
    const message = `password authentication failed for user ${login.user}`;
    throw new SqlError('invalidPassword', message);
  }
  if (login.expiresMs !== undefined && login.expiresMs <= Date.now()) {
    throw rejected('password is expired');
  }
}

async function isClearPassword(
  { channel, throttle, address }: LoginAttempt,
  { user }: Login,
  stored: StoredPassword,
): Promise<boolean> {
  channel.writer.authenticationCleartextPassword();
  const data = await nextPassword(channel);
  if (data.at(-1) !== 0) throw new ProtocolError('invalid password packet');
  // Others may have failed meanwhile.
  if (!throttle.allows(address, user)) throw tooManyFailures();
  return await isPassword(data.subarray(0, -1), stored);
}

/** Who is nobody, or has no password, goes through the same exchange and fails at its end. */
async function isScramProof(
  { channel, endPoint, throttle, address }: LoginAttempt,
  { user }: Login,
  stored: StoredPassword,
): Promise<boolean> {
  const isKnown = stored.kind === 'scram';
  const exchange = new ScramExchange(isKnown ? stored : mockVerifier(user), isKnown, endPoint);
  channel.writer.authenticationSasl(exchange.mechanisms);
  const { mechanism, response } = initialResponse(await nextPassword(channel));
  channel.writer.authenticationSaslContinue(exchange.first(mechanism, response));
  const final = Buffer.from(await nextPassword(channel)).toString('utf8');
  if (!throttle.allows(address, user)) throw tooManyFailures();
  const last = exchange.final(final);
  if (last === undefined) return false;
  channel.writer.authenticationSaslFinal(last);
  return true;
}

/** The name of the mechanism, ended by a zero byte; the response's length in four bytes; the response. */
function initialResponse(data: Uint8Array): { mechanism: string; response: string } {
  const bytes = Buffer.from(data);
  const end = bytes.indexOf(0);
  if (end < 0 || bytes.length < end + 5 || bytes.readInt32BE(end + 1) !== bytes.length - end - 5) {
    throw new ProtocolError('malformed SASL initial response');
  }
  const mechanism = bytes.toString('utf8', 0, end);
  return { mechanism, response: bytes.toString('utf8', end + 5) };
}

async function nextPassword(channel: Channel): Promise<Uint8Array> {
  const message = await channel.read();
  if (message?.type === 'password') return message.data;
  // A client that has no password to give leaves.
  throw new ConnectionLostError('the client left instead of giving a password');
}
