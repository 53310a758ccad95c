import { BlockList, isIP } from 'node:net';
import { SqlError } from '../../base/errors';

/**
 * Who may connect from where, and how they prove who they are: the setting `server.host_based_authentication.configuration`, in
 * the syntax of PostgreSQL's pg_hba.conf as far as CockroachDB v21.2 has it. The first rule that fits is the one that counts.
 *
 *   # TYPE   DATABASE  USER        ADDRESS        METHOD
 *   host     all       ann,"all"   10.0.0.0/8     cert-password
 *   hostssl  all       all         192.168.0.1 255.255.255.0  cert
 */

/** The SCRAM methods are those of v22.1; `password` asks for SCRAM itself where that is how the password is kept. */
const METHODS = [
  'cert',
  'cert-password',
  'cert-scram-sha-256',
  'password',
  'scram-sha-256',
  'trust',
  'reject',
] as const;
export type LoginMethod = (typeof METHODS)[number];

const TYPES = ['host', 'hostssl', 'hostnossl', 'local'] as const;
type ConnectionType = (typeof TYPES)[number];

interface HostRule {
  readonly type: ConnectionType;
  /** Undefined: everybody. */
  readonly users: ReadonlySet<string> | undefined;
  /** Undefined: anywhere. */
  readonly addresses: BlockList | undefined;
  readonly method: LoginMethod;
}

export interface Client {
  readonly user: string;
  /** An IPv4 or IPv6 address. */
  readonly address: string;
  readonly isEncrypted: boolean;
}

/** The setting that holds them. */
export const HOST_RULES_SETTING = 'server.host_based_authentication.configuration';

/** Always the first, so that no configuration locks everybody out. */
const ROOT_RULE = 'host all root all cert-password';
const DEFAULT_RULES = 'host all all all cert-password';

/**
 * @param text of the setting; empty: its default
 * @throws SqlError invalidParameterValue (22023), featureNotSupported (0A000)
 */
export function parseHostRules(text: string): HostRules {
  const configured = rulesOf(text);
  return new HostRules([
    ...rulesOf(ROOT_RULE),
    ...(configured.length > 0 ? configured : rulesOf(DEFAULT_RULES)),
  ]);
}

export class HostRules {
  private readonly rules: readonly HostRule[];

  constructor(rules: readonly HostRule[]) {
    this.rules = rules;
  }

  /** Undefined: no rule is for that client. */
  methodFor({ user, address, isEncrypted }: Client): LoginMethod | undefined {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    const fits = ({ type, users, addresses }: HostRule): boolean => {
      if (type === 'local' || type === (isEncrypted ? 'hostnossl' : 'hostssl')) return false;
      if (users !== undefined && !users.has(user)) return false;
      return addresses === undefined || (isIP(plain) !== 0 && addresses.check(plain, family));
    };
    return this.rules.find(fits)?.method;
  }
}

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

const rulesOf = (text: string): HostRule[] =>
  text.split('\n').flatMap((line, i) => {
    const fields = fieldsOf(line, i + 1);
    return fields.length === 0 ? [] : [ruleOf(fields, i + 1)];
  });

function bad(line: number, why: string): SqlError {
  return new SqlError('invalidParameterValue', `line ${line}: ${why}`);
}

/** Fields are separated by blanks, the words of a field by commas; `#` begins a comment. */
function fieldsOf(line: string, number: number): Word[][] {
  const fields: Word[][] = [];
  const token = /\s*(?:#.*|(,)|"([^"]*)"|([^\s,"#]+))/y;
  let joins = false;
  for (let at = 0; line.slice(at).trim() !== ''; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(line);
    if (match === null) throw bad(number, 'a quote is not closed');
    const [, comma, quoted, bare] = match;
    if (comma !== undefined) {
      if (joins || fields.length === 0) throw bad(number, 'a comma stands where a name should');
      joins = true;
      continue;
    }
    const text = quoted ?? bare;
    if (text === undefined) break;
    const word = { text, quoted: quoted !== undefined };
    if (joins) fields.at(-1)?.push(word);
    else fields.push([word]);
    joins = false;
  }
  if (joins) throw bad(number, 'a comma stands at the end');
  return fields;
}

function ruleOf(fields: readonly (readonly Word[])[], line: number): HostRule {
  const [typeField, databases, users, ...rest] = fields;
  const type = TYPES.find((known) => known === single(typeField, line));
  if (type === undefined) {
    throw bad(line, `unknown record type ${JSON.stringify(typeField?.[0]?.text ?? '')}`);
  }
  if (databases === undefined || users === undefined) throw bad(line, 'the rule is not complete');
  if (databases.length !== 1 || !isAll(databases[0])) {
    throw new SqlError(
      'featureNotSupported',
      `line ${line}: rules for some databases are not supported`,
      { hint: 'Use "all" as the database.' },
    );
  }
  const [addresses, afterAddress] = type === 'local' ? [undefined, rest] : addressOf(rest, line);
  const [methodField, ...options] = afterAddress;
  const method = METHODS.find((known) => known === single(methodField, line).toLowerCase());
  if (method === undefined) {
    const name = JSON.stringify(methodField?.[0]?.text ?? '');
    throw bad(line, `unknown auth method ${name}`);
  }
  if (options.length > 0) {
    throw new SqlError('featureNotSupported', `line ${line}: options are not supported`);
  }
  const named = users.some(isAll)
    ? undefined
    : new Set(users.map(({ text }) => text.normalize('NFC').toLowerCase()));
  return { type, users: named, addresses, method };
}

const isAll = (word: Word | undefined): boolean => word?.text === 'all' && !word.quoted;

function single(field: readonly Word[] | undefined, line: number): string {
  if (field === undefined) throw bad(line, 'the rule is not complete');
  if (field.length > 1) throw bad(line, `one word is expected, not ${field.length}`);
  return field[0]?.text ?? '';
}

type Fields = readonly (readonly Word[])[];

/** `all`, `10.0.0.0/8`, or an address and a mask in two fields. */
function addressOf(fields: Fields, line: number): [BlockList | undefined, Fields] {
  const [field, ...rest] = fields;
  const text = single(field, line);
  if (isAll(field?.[0])) return [undefined, rest];
  const [address = '', length, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) {
    throw new SqlError(
      'featureNotSupported',
      `line ${line}: ${JSON.stringify(text)} is no address: names of hosts are not supported`,
    );
  }
  const bitsMax = version === 4 ? 32 : 128;
  const [maskField, ...afterMask] = rest;
  const bits =
    length === undefined
      ? maskBits(single(maskField, line), version, line)
      : /^\d{1,3}$/.test(length)
        ? Number(length)
        : -1;
  if (bits < 0 || bits > bitsMax) throw bad(line, `invalid CIDR address: ${text}`);
  const list = new BlockList();
  list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  return [list, length === undefined ? afterMask : rest];
}

function maskBits(mask: string, version: number, line: number): number {
  const parts = mask.split('.');
  if (version !== 4 || isIP(mask) !== 4) throw bad(line, `invalid IP mask ${JSON.stringify(mask)}`);
  const bits = parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  if (!/^1*0*$/.test(bits)) throw bad(line, `invalid IP mask ${JSON.stringify(mask)}`);
  return bits.indexOf('0') < 0 ? 32 : bits.indexOf('0');
}
