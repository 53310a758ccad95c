import { SqlError } from '../../base/errors';
import type { SessionOptions } from '../../sql/engine';
import type { StartupMessage } from './frontend-message';

/** Where sessions start that name no database, as in CockroachDB. */
const DATABASE_DEFAULT = 'defaultdb';
/** Parameters with this prefix are protocol options, negotiated and never settings. */
const PROTOCOL_OPTION_PREFIX = '_pq_.';
const NOT_SETTINGS: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication']);
const REPLICATION_OFF: ReadonlySet<string> = new Set(['false', 'off', 'no', '0', '']);

/** The names of protocol options that the client asked for; we know none. */
export function protocolOptions(startup: StartupMessage): readonly string[] {
  return [...startup.parameters.keys()].filter((name) => name.startsWith(PROTOCOL_OPTION_PREFIX));
}

/** @throws SqlError invalidAuthorizationSpecification (28000) */
export function requestedUser({ parameters }: StartupMessage): string {
  const user = parameters.get('user');
  if (user !== undefined && user !== '') return user;
  throw new SqlError(
    'invalidAuthorizationSpecification',
    'no user name specified in startup packet',
  );
}

/**
 * What a startup packet asks of the session.
 * @throws SqlError 28000 no user; 0A000 replication; 08P01 `options` that can't be read.
 */
export function sessionOptions(
  startup: StartupMessage,
): Pick<SessionOptions, 'user' | 'database' | 'settings'> {
  const { parameters } = startup;
  const user = requestedUser(startup);
  if (!REPLICATION_OFF.has((parameters.get('replication') ?? '').toLowerCase())) {
    throw new SqlError('featureNotSupported', 'replication mode is not supported');
  }
  const settings = new Map(parseOptions(parameters.get('options') ?? ''));
  for (const [name, value] of parameters) {
    if (NOT_SETTINGS.has(name) || name.startsWith(PROTOCOL_OPTION_PREFIX)) continue;
    settings.set(name.toLowerCase(), value);
  }
  const database = parameters.get('database');
  return {
    user,
    database: database === undefined || database === '' ? DATABASE_DEFAULT : database,
    settings,
  };
}

/** `-c name=value`, `-cname=value` and `--name=value`, separated by spaces; a backslash takes the next character as it is. */
function parseOptions(text: string): Array<[name: string, value: string]> {
  const words = splitWords(text);
  const settings: Array<[string, string]> = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    let assignment: string;
    if (word === '-c') assignment = words[++i] ?? '';
    else if (word.startsWith('-c')) assignment = word.slice(2);
    else if (word.startsWith('--')) assignment = word.slice(2);
    else throw invalidOption(word);
    const equals = assignment.indexOf('=');
    if (equals <= 0) throw invalidOption(word);
    const name = assignment.slice(0, equals).replaceAll('-', '_').toLowerCase();
    settings.push([name, assignment.slice(equals + 1)]);
  }
  return settings;
}

function invalidOption(word: string): SqlError {
  return new SqlError(
    'protocolViolation',
    `option ${JSON.stringify(word)} is invalid, check that it is -c name=value or --name=value`,
  );
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '\\' && i + 1 < text.length) {
      word = (word ?? '') + text.charAt(++i);
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
