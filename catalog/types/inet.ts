import { SqlError } from '../../base/errors';

/** INET: family (0 = IPv4, 1 = IPv6), mask length, address. Host bits are kept. */

const V4 = 0;
const V6 = 1;

/** The longest run of two or more zero groups, if any: [start, end). */
function zeroRun(groups: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let start = -1;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) {
      if (start < 0) start = i;
      continue;
    }
    if (start >= 0 && i - start > best[1] - best[0]) best = [start, i];
    start = -1;
  }
  return best[1] - best[0] >= 2 ? best : [0, 0];
}

function v4Text(bytes: Uint8Array, from: number): string {
  return `${bytes[from]}.${bytes[from + 1]}.${bytes[from + 2]}.${bytes[from + 3]}`;
}

function v6Text(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 2; i < 18; i += 2)
    groups.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${v4Text(bytes, 14)}`;
  const [start, end] = zeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (end === 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(end).join(':')}`;
}

export function inetText(bytes: Uint8Array): string {
  const isV4 = bytes[0] === V4;
  const mask = bytes[1] as number;
  const address = isV4 ? v4Text(bytes, 2) : v6Text(bytes);
  return mask === (isV4 ? 32 : 128) ? address : `${address}/${mask}`;
}

function parseV4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (i === groups.length - 1 && group.includes('.')) {
      const tail = parseV4(group);
      if (tail === undefined) return undefined;
      bytes.push(...tail);
      continue;
    }
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = parseGroups(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const gap = 16 - head.length - tail.length;
  return gap < 2 ? undefined : [...head, ...new Array<number>(gap).fill(0), ...tail];
}

/** An address with an optional mask length. An IPv4 network may leave out trailing bytes. @throws SqlError 22P02 */
export function parseInet(text: string): Uint8Array {
  const fail = (reason: string): SqlError =>
    new SqlError('invalidTextRepresentation', `could not parse "${text}" as type inet: ${reason}`);
  const trimmed = text.trim();
  const slash = trimmed.indexOf('/');
  const address = slash < 0 ? trimmed : trimmed.slice(0, slash);
  const isV6 = address.includes(':');
  let bytes = isV6 ? parseV6(address) : parseV4(address);
  if (bytes === undefined && !isV6 && slash >= 0 && /^\d{1,3}(\.\d{1,3}){0,2}$/.test(address))
    bytes = parseV4(`${address}${'.0'.repeat(4 - address.split('.').length)}`);
  if (bytes === undefined) throw fail('invalid IP');
  const maskMax = isV6 ? 128 : 32;
  const maskText = slash < 0 ? String(maskMax) : trimmed.slice(slash + 1);
  if (!/^\d{1,3}$/.test(maskText) || Number(maskText) > maskMax) throw fail('invalid mask');
  return Uint8Array.from([isV6 ? V6 : V4, Number(maskText), ...bytes]);
}
