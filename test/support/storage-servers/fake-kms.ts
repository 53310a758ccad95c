import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** AWS KMS and Google Cloud KMS as far as backups speak to them: each key encrypts with a secret made of its name. */

const IV = Buffer.alloc(12, 3);
const TAG_BYTES = 16;
const secretOf = (key: string): Buffer => createHash('sha256').update(`secret of ${key}`).digest();

export function seal(key: string, plain: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', secretOf(key), IV);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(key: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', secretOf(key), IV);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');

export class FakeKms {
  /** `Encrypt key`, `Decrypt key`. */
  readonly asked: string[] = [];
  /** Every request is refused. */
  refuses = false;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<FakeKms> {
    const server = createServer();
    const kms = new FakeKms(server);
    server.on('request', (request, response) => {
      void kms.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return kms;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    if (this.refuses) {
      return { status: 400, body: { __type: 'AccessDeniedException', message: 'not for you' } };
    }
    const given = text === '' ? {} : (JSON.parse(text) as Record<string, string>);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const { KeyId: key = '' } = given;
      this.asked.push(`${target.replace('TrentService.', '')} ${key}`);
      return target.endsWith('Encrypt')
        ? {
            status: 200,
            body: { KeyId: key, CiphertextBlob: base64(seal(key, bytesOf(given['Plaintext']))) },
          }
        : {
            status: 200,
            body: { KeyId: key, Plaintext: base64(unseal(key, bytesOf(given['CiphertextBlob']))) },
          };
    }
    return { status: 404, body: {} };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
