import { SqlError } from '../../base/errors';

/** BYTES: as is. Text in the three forms of `bytea_output`. */

export type ByteaOutput = 'hex' | 'escape' | 'base64';

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function escapeText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte < 0x20 || byte > 0x7e) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return text;
}

export function bytesText(bytes: Uint8Array, output: ByteaOutput): string {
  switch (output) {
    case 'hex':
      return `\\x${view(bytes).toString('hex')}`;
    case 'base64':
      return view(bytes).toString('base64');
    case 'escape':
      return escapeText(bytes);
  }
}

function invalid(text: string, reason: string): SqlError {
  return new SqlError(
    'invalidTextRepresentation',
    `could not parse "${text}" as type bytes: ${reason}`,
  );
}

function parseHex(text: string): Uint8Array {
  const hex = text.slice(2);
  const wrong = /[^0-9a-f]/i.exec(hex);
  if (wrong !== null) {
    const code = hex.codePointAt(wrong.index) ?? 0;
    const shown = String.fromCodePoint(code);
    const point = code.toString(16).toUpperCase().padStart(4, '0');
    throw invalid(text, `encoding/hex: invalid byte: U+${point} '${shown}'`);
  }
  if (hex.length % 2 !== 0) throw invalid(text, 'encoding/hex: odd length hex string');
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

function parseEscape(text: string): Uint8Array {
  const source = Buffer.from(text);
  const out = new Uint8Array(source.length);
  let used = 0;
  for (let i = 0; i < source.length; i++) {
    const byte = source[i] as number;
    if (byte !== 0x5c) {
      out[used++] = byte;
      continue;
    }
    if (source[i + 1] === 0x5c) {
      out[used++] = 0x5c;
      i += 1;
      continue;
    }
    const octal = source.toString('latin1', i + 1, i + 4);
    if (!/^[0-3][0-7]{2}$/.test(octal)) {
      const reason =
        source.length - i < 4
          ? 'bytea encoded value ends with incomplete escape sequence'
          : 'invalid bytea escape sequence';
      throw invalid(text, reason);
    }
    out[used++] = Number.parseInt(octal, 8);
    i += 3;
  }
  return out.slice(0, used);
}

/** `\x` hex or PostgreSQL's escape format. @throws SqlError 22P02 */
export function parseBytes(text: string): Uint8Array {
  if (text.startsWith('\\x') || text.startsWith('\\X')) return parseHex(text);
  return text.includes('\\') ? parseEscape(text) : new Uint8Array(Buffer.from(text));
}
