import { destination, type Logger as PinoLogger, pino } from 'pino';

/** What the program logs through; pino's own interface. */
export type Logger = PinoLogger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const REDACTED = 'redacted';

/** URL parameters whose values are secrets, in any case. */
const SECRET_PARAMETERS = [
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_ACCOUNT_KEY',
  'AZURE_CLIENT_SECRET',
  'BEARER_TOKEN',
  'CREDENTIALS',
  'PASSWORD',
  'SAS_TOKEN',
  'sig',
];

const URL_PARAMETER = new RegExp(`([?&](?:${SECRET_PARAMETERS.join('|')})=)[^&'"\\s\\\\]+`, 'gi');
const URL_PASSWORD = /(:\/\/[^/\s:@'"\\]*:)[^@/\s'"\\]+@/g;
const SQL_SECRET = /((?:encryption_passphrase\s*=|password)\s*')(?:[^']|'')*'/gi;

/**
 * Secrets in URLs (parameters, passwords) and in SQL text (passphrases) replaced by `redacted`. A net under the code that
 * shows URLs, which redacts by itself; safe to run over any text.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(URL_PARAMETER, `$1${REDACTED}`)
    .replace(URL_PASSWORD, `$1${REDACTED}@`)
    .replace(SQL_SECRET, `$1${REDACTED}'`);
}

/**
 * A logger that writes JSON lines to `fd` (default: stderr, which leaves stdout to the ready line). Every line goes
 * through `redactSecrets`. Synchronous, so that nothing is lost when the process ends.
 */
export function createLogger(level: LogLevel, fd = 2): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['password', 'passphrase', 'token', '*.password', '*.passphrase', '*.token'],
        censor: REDACTED,
      },
      hooks: { streamWrite: redactSecrets },
    },
    destination({ fd, sync: true }),
  );
}
