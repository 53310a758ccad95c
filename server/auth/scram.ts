import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ProtocolError } from '../wire/protocol-error';
import { KEY_BYTES, type ScramVerifier } from './stored-password';

/**
 * The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, which also proves that both sides see the same TLS connection.
 * Source: RFC 5802, 7677 and 5929.
 *
 *   client  n,,n=,r=<nonce>                          the header says whether the channel is bound: p=…, y or n
 *   server  r=<nonce><more>,s=<salt>,i=<iterations>
 *   client  c=<header and binding>,r=<both>,p=<proof>
 *   server  v=<signature>
 */

export const SCRAM = 'SCRAM-SHA-256';
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS';

const NONCE_BYTES = 18;
const NONCE = /^[\x21-\x2b\x2d-\x7e]{1,256}$/;
const CLIENT_FIRST =
  /^(?:([ny])|p=([A-Za-z0-9.-]+)),(?:a=[^,]*)?,((?:n=[^,]*),r=([^,]*)(?:,.*)?)$/s;
const CLIENT_FINAL = /^(c=([A-Za-z0-9+/=]*),r=([^,]*)(?:,[^p][^,]*)*),p=([A-Za-z0-9+/=]+)$/s;

const hmac = (key: Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const malformed = (): ProtocolError => new ProtocolError('malformed SCRAM message');

export class ScramExchange {
  private readonly verifier: ScramVerifier;
  private readonly isKnown: boolean;
  /** `tls-server-end-point` of this connection; undefined: the channel can't be bound. */
  private readonly binding: Buffer | undefined;
  private header = '';
  private nonce = '';
  private messages = '';

  /**
   * @param isKnown false: the verifier was made up, and no proof is right
   * @param binding hash of the server's certificate
   */
  constructor(verifier: ScramVerifier, isKnown: boolean, binding: Buffer | undefined) {
    this.verifier = verifier;
    this.isKnown = isKnown;
    this.binding = binding;
  }

  get mechanisms(): readonly string[] {
    return this.binding === undefined ? [SCRAM] : [SCRAM_PLUS, SCRAM];
  }

  /** @returns the server's first message. @throws ProtocolError */
  first(mechanism: string, clientFirst: string): string {
    if (!this.mechanisms.includes(mechanism)) {
      throw new ProtocolError('client selected an invalid SASL authentication mechanism');
    }
    const [, flag, bindingType, bare = '', clientNonce = ''] = CLIENT_FIRST.exec(clientFirst) ?? [];
    if (!NONCE.test(clientNonce)) throw malformed();
    if ((mechanism === SCRAM_PLUS) !== (bindingType !== undefined)) {
      throw new ProtocolError('the SASL mechanism and the channel binding do not fit together');
    }
    if (bindingType !== undefined && bindingType !== 'tls-server-end-point') {
      throw new ProtocolError('unsupported SCRAM channel-binding type');
    }
    // A client that could bind thinks that we can't: somebody in between took the mechanism off the list.
    if (flag === 'y' && this.binding !== undefined) {
      throw new ProtocolError('SCRAM channel binding negotiation error');
    }
    this.header = clientFirst.slice(0, clientFirst.length - bare.length);
    this.nonce = clientNonce + randomBytes(NONCE_BYTES).toString('base64');
    const { salt, iterations } = this.verifier;
    const answer = `r=${this.nonce},s=${salt.toString('base64')},i=${iterations}`;
    this.messages = `${bare},${answer}`;
    return answer;
  }

  /** @returns the server's last message; undefined: the proof is wrong. @throws ProtocolError */
  final(clientFinal: string): string | undefined {
    const [, withoutProof = '', channel = '', nonce = '', proofText = ''] =
      CLIENT_FINAL.exec(clientFinal) ?? [];
    if (withoutProof === '' || nonce !== this.nonce) throw malformed();
    const binding = this.header.startsWith('p') ? this.binding : undefined;
    const expected = Buffer.concat([Buffer.from(this.header), binding ?? Buffer.alloc(0)]);
    if (channel !== expected.toString('base64')) {
      throw new ProtocolError('SCRAM channel binding check failed');
    }
    const proof = Buffer.from(proofText, 'base64');
    if (proof.length !== KEY_BYTES) throw malformed();
    const { storedKey, serverKey } = this.verifier;
    const exchanged = `${this.messages},${withoutProof}`;
    const signature = hmac(storedKey, exchanged);
    const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (signature[i] ?? 0)));
    const isRight = timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
    if (!isRight || !this.isKnown) return undefined;
    return `v=${hmac(serverKey, exchanged).toString('base64')}`;
  }
}

const MOCK_SECRET = randomBytes(KEY_BYTES);
const MOCK_ITERATIONS = 4096;
const SALT_BYTES = 16;

/** For who has no password, or is nobody: the salt stays the same for a name, as a real one does. */
export function mockVerifier(user: string): ScramVerifier {
  const salt = hmac(MOCK_SECRET, user).subarray(0, SALT_BYTES);
  const key = randomBytes(KEY_BYTES);
  return { kind: 'scram', iterations: MOCK_ITERATIONS, salt, storedKey: key, serverKey: key };
}
