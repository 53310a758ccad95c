import { SqlError } from '../../base/errors';

/** UUID: 16 bytes. */

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Hex digits with or without hyphens between groups, in braces, or after `urn:uuid:`.
 * @throws SqlError 22P02
 */
export function parseUuid(text: string): Uint8Array {
  let body = text.trim();
  if (/^urn:uuid:/i.test(body)) body = body.slice(9);
  else if (body.startsWith('{') && body.endsWith('}')) body = body.slice(1, -1);
  const hex = body.replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/i.test(hex) || !/^[0-9a-f]{4}(?:-?[0-9a-f]{4})*$/i.test(body)) {
    const reason =
      hex.length === 32 ? `invalid UUID format: ${text}` : `incorrect UUID length: ${text}`;
    throw new SqlError(
      'invalidTextRepresentation',
      `could not parse "${text}" as type uuid: uuid: ${reason}`,
    );
  }
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
