import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { SCRAM, SCRAM_PLUS } from '../auth/scram';

/** The client's side of SCRAM-SHA-256: proves to know the password without sending it, and has the server prove the same. */

const NONCE_BYTES = 18;
const KEY_BYTES = 32;
/** More would only keep this client busy. */
const ITERATIONS_MAX = 10_000_000;
const SERVER_FIRST = /^r=([^,]+),s=([A-Za-z0-9+/=]+),i=(\d{1,8})(?:,.*)?$/s;

const hmac = (key: Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();
const pbkdf2Async = promisify(pbkdf2);

export class ScramClient {
  readonly mechanism: string;
  readonly first: string;
  private readonly header: string;
  private readonly bare: string;
  private readonly nonce = randomBytes(NONCE_BYTES).toString('base64');
  private readonly binding: Buffer | undefined;
  private expected: Buffer | undefined;

  /**
   * @param offered mechanisms of the server
   * @param binding `tls-server-end-point` of the connection; undefined: it can't be bound
   * @throws Error when the server offers no mechanism that is known here
   */
  constructor(offered: readonly string[], binding: Buffer | undefined) {
    const isBound = binding !== undefined && offered.includes(SCRAM_PLUS);
    this.mechanism = isBound ? SCRAM_PLUS : SCRAM;
    if (!offered.includes(this.mechanism)) throw new Error('it offers no SCRAM-SHA-256');
    this.binding = isBound ? binding : undefined;
    this.header = isBound ? 'p=tls-server-end-point,,' : binding === undefined ? 'n,,' : 'y,,';
    this.bare = `n=,r=${this.nonce}`;
    this.first = `${this.header}${this.bare}`;
  }

  /** @returns the last message. @throws Error for an answer that does not belong to this exchange */
  async final(serverFirst: string, password: string): Promise<string> {
    const [, nonce = '', salt = '', iterations] = SERVER_FIRST.exec(serverFirst) ?? [];
    const count = Number(iterations);
    if (!nonce.startsWith(this.nonce) || nonce === this.nonce || !(count >= 1)) {
      throw new Error('its SCRAM message is malformed');
    }
    if (count > ITERATIONS_MAX) throw new Error(`it asks for ${count} rounds of hashing`);
    const channel = Buffer.concat([Buffer.from(this.header), this.binding ?? Buffer.alloc(0)]);
    const withoutProof = `c=${channel.toString('base64')},r=${nonce}`;
    const exchanged = `${this.bare},${serverFirst},${withoutProof}`;
    const text = password.normalize('NFKC');
    const salted = await pbkdf2Async(text, Buffer.from(salt, 'base64'), count, KEY_BYTES, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash('sha256').update(clientKey).digest(), exchanged);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
    this.expected = hmac(hmac(salted, 'Server Key'), exchanged);
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /** @throws Error when the server has not proved that it knows the password */
  check(serverFinal: string): void {
    const given = Buffer.from(/^v=([A-Za-z0-9+/=]+)/.exec(serverFinal)?.[1] ?? '', 'base64');
    const { expected } = this;
    if (expected === undefined || given.length !== expected.length) throw notProved();
    if (!timingSafeEqual(given, expected)) throw notProved();
  }
}

const notProved = (): Error => new Error('it did not prove that it knows the password');
