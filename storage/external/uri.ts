import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';

/** A location's URL in parts. Dot segments are kept: it is for the storage to say what they lead to. */
export interface LocationUri {
  /** Lower case; empty when the text has none. */
  readonly scheme: string;
  /** Without user information; with the port, if any. */
  readonly host: string;
  /** Percent-decoded, with its leading slash. */
  readonly path: string;
  /** Percent-decoded; in order of appearance, a name may occur twice. */
  readonly params: ReadonlyArray<readonly [name: string, value: string]>;
  /** The path as it was written, for showing it. */
  readonly rawPath: string;
}

/** What stands in for a value that must not be shown. */
export const REDACTED = 'redacted';

/** Shown for what cannot be parsed, since secrets in it cannot be found. Source: CockroachDB. */
export const UNREDACTABLE = '<uri_failed_to_redact>';

/** Upper case; compared without regard to case, because a misspelled secret is one too. */
const SECRET_PARAMS: ReadonlySet<string> = new Set([
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'CREDENTIALS',
  'AZURE_ACCOUNT_KEY',
  // Of later versions.
  'AZURE_CLIENT_SECRET',
  'BEARER_TOKEN',
]);

/** Their URLs are not locations; shown as they are. */
const NEVER_SECRET_SCHEMES: ReadonlySet<string> = new Set(['null', 'workload']);

// scheme:// authority path ?query #fragment. Source: RFC 3986, appendix B.
const URI = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;

/**
 * Takes a location's URL apart.
 * @throws SqlError invalidParameterValue (22023) when it is no URL; the message does not repeat it, as it may hold secrets
 */
export function parseLocation(uri: string): LocationUri {
  if (uri.length > limits.locationBytesMax) throw invalidUri('it is too long');
  const parts = URI.exec(uri);
  if (parts === null) throw invalidUri('it has no path');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
  if (/[\u0000-\u001f\u007f]/.test(uri)) throw invalidUri('invalid control character');
  const [, scheme = '', authority = '', rawPath = '', query = ''] = parts;
  return {
    scheme: scheme.toLowerCase(),
    host: decode(authority.slice(authority.lastIndexOf('@') + 1), 'host'),
    path: decode(rawPath, 'path'),
    params: query === '' ? [] : query.split('&').filter(Boolean).map(parseParam),
    rawPath,
  };
}

function invalidUri(why: string): SqlError {
  return new SqlError('invalidParameterValue', `could not parse the location's URL: ${why}`);
}

function parseParam(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  const plain = (part: string): string => decode(part.replaceAll('+', ' '), 'parameters');
  return [plain(name), plain(value)];
}

function decode(text: string, where: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri(`invalid percent escape in its ${where}`);
  }
}

/** The first value of a parameter, or the empty string: as for CockroachDB, an empty parameter is a missing one. */
export function locationParam(location: LocationUri, name: string): string {
  return location.params.find(([key]) => key === name)?.[1] ?? '';
}

/**
 * The URL as users may see it: secret values replaced by `redacted`, parameters sorted by name. Never throws.
 * Source: CockroachDB, SanitizeExternalStorageURI.
 */
export function redactUri(uri: string): string {
  try {
    return format(uri, parseLocation(uri), false);
  } catch {
    return UNREDACTABLE;
  }
}

/** As `redactUri`, and the path (the name of the key) is hidden as well. Never throws. */
export function redactKmsUri(uri: string): string {
  try {
    return format(uri, parseLocation(uri), true);
  } catch {
    return UNREDACTABLE;
  }
}

function format(uri: string, location: LocationUri, hidePath: boolean): string {
  if (NEVER_SECRET_SCHEMES.has(location.scheme)) return uri;
  const scheme = location.scheme === '' ? '' : `${location.scheme}:`;
  const authority = /^(?:[^:/?#]*:)?\/\/([^/?#]*)/.exec(uri)?.[1];
  const host = authority === undefined ? '' : `//${redactUser(authority)}`;
  const path = hidePath ? `/${REDACTED}` : escapePath(location.rawPath);
  const query = location.params
    .map(([name, value]) => [name, isSecretParam(name) ? REDACTED : value] as const)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join('&');
  return `${scheme}${host}${path}${query === '' ? '' : `?${query}`}`;
}

function isSecretParam(name: string): boolean {
  return SECRET_PARAMS.has(name.toUpperCase());
}

function redactUser(authority: string): string {
  const at = authority.lastIndexOf('@');
  return at < 0 ? authority : `${REDACTED}@${authority.slice(at + 1)}`;
}

/** Leaves what was escaped as it is and escapes what should have been. */
function escapePath(rawPath: string): string {
  return rawPath.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, encodeURIComponent);
}

/** As Go's url.QueryEscape: letters, digits and `-_.~` stay, a space becomes `+`. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** What every scheme's URLs may have: it is for BACKUP and RESTORE, not for the storage. */
const COMMON_PARAMS: ReadonlySet<string> = new Set(['COCKROACH_LOCALITY']);

/**
 * What the storage would not honour is refused, never ignored.
 * @param what as CockroachDB names the scheme there
 * @throws SqlError invalidParameterValue (22023) naming the parameters, not their values
 */
export function refuseUnknownParams(
  location: LocationUri,
  what: string,
  known: readonly string[],
): void {
  const names = location.params.map(([name]) => name);
  const unknown = names.filter((name) => !known.includes(name) && !COMMON_PARAMS.has(name));
  if (unknown.length === 0) return;
  const list = [...new Set(unknown)].sort().join(', ');
  throw new SqlError('invalidParameterValue', `unknown ${what} query parameters: ${list}`);
}
