import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error';

/** The command line of `ootheca cert`, in the spelling of `cockroach cert`. */

export type CertCommand =
  | { readonly kind: 'create-ca'; readonly allowKeyReuse: boolean }
  | { readonly kind: 'create-node'; readonly hosts: readonly string[] }
  | { readonly kind: 'create-client'; readonly user: string }
  | { readonly kind: 'list' };

export interface CertFlags {
  readonly command: 'cert';
  readonly cert: CertCommand;
  readonly certsDir: string;
  /** The authority's key. */
  readonly caKey: string;
  readonly lifetimeHours: number;
  readonly keySizeBits: number;
  readonly overwrite: boolean;
}

export const CERTS_DIR_DEFAULT = '.cockroach-certs';
export const KEY_SIZE_DEFAULT = 2048;
const KEY_SIZES = { min: 2048, max: 16_384 } as const;
/** Ten years and some days, and five. */
const LIFETIME_HOURS = { ca: 87_840, other: 43_800 } as const;
const LIFETIME_HOURS_MAX = 876_000;

const OPTIONS = {
  'certs-dir': { type: 'string' },
  'ca-key': { type: 'string' },
  lifetime: { type: 'string' },
  'key-size': { type: 'string' },
  overwrite: { type: 'boolean' },
  'allow-ca-key-reuse': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export function parseCertFlags(argv: readonly string[]): CertFlags | { readonly command: 'help' } {
  const { values, positionals } = parseValues(argv);
  if (values.help === true) return { command: 'help' };
  const [name, ...args] = positionals;
  const cert = commandOf(name, args, values['allow-ca-key-reuse'] === true);
  const certsDir = resolve(values['certs-dir'] ?? join(homedir(), CERTS_DIR_DEFAULT));
  const isCa = cert.kind === 'create-ca';
  return {
    command: 'cert',
    cert,
    certsDir,
    caKey: resolve(values['ca-key'] ?? join(certsDir, 'ca.key')),
    lifetimeHours: lifetime(values.lifetime) ?? LIFETIME_HOURS[isCa ? 'ca' : 'other'],
    keySizeBits: keySize(values['key-size']),
    overwrite: values.overwrite === true,
  };
}

function parseValues(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${message.split(/\. |\n/)[0]}; see ootheca help`);
  }
}

/** As CockroachDB restricts the names of users. */
const USER = /^[a-z0-9_][a-z0-9\-_.]{0,62}$/;
const HOST = /^[A-Za-z0-9*][A-Za-z0-9._*-]{0,252}$/;

function commandOf(
  name: string | undefined,
  args: readonly string[],
  allowKeyReuse: boolean,
): CertCommand {
  switch (name) {
    case 'create-ca':
      noMore(args);
      return { kind: name, allowKeyReuse };
    case 'list':
      noMore(args);
      return { kind: name };
    case 'create-node': {
      if (args.length === 0) throw new UsageError('cert create-node needs at least one host');
      const wrong = args.find((host) => isIP(host) === 0 && !HOST.test(host));
      if (wrong === undefined) return { kind: name, hosts: args };
      throw new UsageError(`${JSON.stringify(wrong)} is no name or address of a host`);
    }
    case 'create-client': {
      const [user = '', ...more] = args;
      noMore(more);
      const normalized = user.normalize('NFC').toLowerCase();
      if (USER.test(normalized)) return { kind: name, user: normalized };
      throw new UsageError(`cert create-client: ${JSON.stringify(user)} is no name of a user`);
    }
    default:
      throw new UsageError(
        `unknown command cert ${JSON.stringify(name ?? '')}; there are create-ca, create-node, create-client and list`,
      );
  }
}

function noMore(args: readonly string[]): void {
  if (args.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(args[0])}`);
}

/** `43800h`, also with minutes or seconds, as Go writes durations. @returns hours */
function lifetime(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(value);
  const [, hours = 0, minutes = 0, seconds = 0] = match ?? [];
  const total = Number(hours) + Number(minutes) / 60 + Number(seconds) / 3600;
  if (total > 0 && total <= LIFETIME_HOURS_MAX) return total;
  throw new UsageError(`--lifetime ${JSON.stringify(value)} is not a number of hours like 43800h`);
}

function keySize(value: string | undefined): number {
  if (value === undefined) return KEY_SIZE_DEFAULT;
  const bits = /^\d{4,5}$/.test(value) ? Number(value) : 0;
  if (bits >= KEY_SIZES.min && bits <= KEY_SIZES.max) return bits;
  throw new UsageError(
    `--key-size ${JSON.stringify(value)} is not between ${KEY_SIZES.min} and ${KEY_SIZES.max}`,
  );
}
