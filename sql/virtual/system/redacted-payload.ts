import type { KmsKey } from '../../../backup/encryption-secret';
import { redactKmsUri, redactUri } from '../../../storage/external/uri';

/** Members of payloads that hold keys to encrypted backups. */
const SECRET_MEMBERS: ReadonlySet<string> = new Set(['key', 'passphrase']);

const LOCATION = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** A job's payload as users may read it: what locations and keys in it are secret is left out. */
export function redactedPayload(payload: Uint8Array): Uint8Array {
  const text = Buffer.from(payload).toString('utf8');
  try {
    return Buffer.from(JSON.stringify(JSON.parse(text), redacted));
  } catch {
    // Not JSON: whether there are secrets in it can't be told.
    return new Uint8Array(0);
  }
}

function redacted(member: string, value: unknown): unknown {
  if (member === 'kmsKey') {
    const { uri } = value as KmsKey;
    return { uri: redactKmsUri(uri) };
  }
  if (typeof value !== 'string') return value;
  if (SECRET_MEMBERS.has(member)) return 'redacted';
  return LOCATION.test(value) ? redactUri(value) : value;
}
