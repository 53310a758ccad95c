import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../catalog/identifiers';
import { redactKmsUri } from '../../storage/external/uri';
import type {
  BackupOptions,
  BackupStatement,
  BackupTargets,
  RestoreOptions,
  RestoreStatement,
  StringOrPlaceholder,
  TablePattern,
  Uris,
} from './ast';
import { BACKUP_OPTIONS, RESTORE_OPTIONS } from './backup-options';

/** RESTORE and BACKUP as the real thing shows them in job descriptions. */

/** What printing needs from outside. */
export interface FormatContext {
  /** The text is to be run: it keeps its secrets. */
  readonly showsSecrets?: true;
  /** A URI without its secrets. */
  redact(uri: string): string;
  /** The value of placeholder `index`, 1-based. */
  parameter(index: number): string;
}

/**
 * `RESTORE TABLE bank.customers FROM 'nodelocal://1/bank/2026/11/22-171336.11' WITH into_db = 'd3', detached`.
 * @param layers the URIs that the source came down to, the full backup first: subdirectory and collection are one URI by then;
 *   several URIs a layer when there is one for each locality
 */
export function formatRestore(
  statement: RestoreStatement,
  layers: readonly (readonly string[])[],
  context: FormatContext,
): string {
  const source = layers.map((uris) => formatStrings(uris.map(context.redact))).join(', ');
  return join([
    'RESTORE',
    formatTargets(statement.targets),
    `FROM ${source}`,
    statement.asOf === null ? '' : `AS OF SYSTEM TIME ${statement.asOf.text}`,
    formatOptions<RestoreOptions>(RESTORE_OPTIONS, statement.options, context),
  ]);
}

/** Where a BACKUP came down to write. */
export interface ResolvedDestination {
  /** `INTO 'subdirectory' IN …`; `null` for BACKUP … TO. */
  readonly subdirectory: string | null;
  /** One URI, or one for each locality. */
  readonly uris: readonly string[];
  readonly incrementalFrom: readonly string[];
}

/** `BACKUP DATABASE bank INTO '2026/11/22-171336.11' IN 'nodelocal://1/bank' WITH revision_history`. */
export function formatBackup(
  statement: BackupStatement,
  destination: ResolvedDestination,
  context: FormatContext,
): string {
  const { subdirectory, incrementalFrom } = destination;
  const uris = formatStrings(destination.uris.map(context.redact));
  return join([
    'BACKUP',
    formatTargets(statement.targets),
    subdirectory === null ? `TO ${uris}` : `INTO ${quoteLiteral(subdirectory)} IN ${uris}`,
    statement.asOf === null ? '' : `AS OF SYSTEM TIME ${statement.asOf.text}`,
    incrementalFrom.length === 0
      ? ''
      : `INCREMENTAL FROM ${incrementalFrom.map(context.redact).map(quoteLiteral).join(', ')}`,
    formatOptions<BackupOptions>(BACKUP_OPTIONS, statement.options, context),
  ]);
}

/** A BACKUP into a collection as it was written: `BACKUP DATABASE bank INTO LATEST IN 'nodelocal://1/bank' WITH detached`. */
export function formatBackupInto(
  { targets, options }: BackupStatement,
  { latest, uris }: { readonly latest: boolean; readonly uris: readonly string[] },
  context: FormatContext,
): string {
  return join([
    'BACKUP',
    formatTargets(targets),
    `INTO ${latest ? 'LATEST IN ' : ''}${formatStrings(uris.map(context.redact))}`,
    formatOptions<BackupOptions>(BACKUP_OPTIONS, options, context),
  ]);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function formatTargets(targets: BackupTargets): string {
  switch (targets.kind) {
    case 'cluster':
      return '';
    case 'databases':
      return `DATABASE ${targets.names.map(quoteIdentifier).join(', ')}`;
    case 'tables':
      return `TABLE ${targets.patterns.map(formatPattern).join(', ')}`;
    case 'systemUsers':
      return 'SYSTEM USERS';
    case 'tenant':
      return `TENANT ${targets.id}`;
  }
}

function formatPattern(pattern: TablePattern): string {
  const name = quoteQualified(pattern.parts);
  if (pattern.star) return name === '' ? '*' : `${name}.*`;
  return pattern.as === null ? name : `${name} AS ${quoteIdentifier(pattern.as)}`;
}

/** `'a'`, or `('a', 'b')`. */
function formatStrings(strings: readonly string[]): string {
  const literals = strings.map(quoteLiteral).join(', ');
  return strings.length === 1 ? literals : `(${literals})`;
}

type OptionValue = boolean | StringOrPlaceholder | Uris | null;

function formatOptions<Options>(
  rows: readonly { readonly sql: string; readonly field: keyof Options }[],
  options: Options,
  context: FormatContext,
): string {
  const given = rows.flatMap(({ sql, field }) => {
    const value = options[field] as OptionValue;
    if (value === null || value === false) return [];
    if (value === true) return [sql];
    if (sql === 'encryption_passphrase' && !context.showsSecrets) return [`${sql} = '*****'`];
    const isList = Array.isArray(value);
    const strings = (isList ? (value as Uris) : [value as StringOrPlaceholder]).map((each) =>
      each.kind === 'string' ? each.value : context.parameter(each.index),
    );
    const redact = sql === 'kms' && !context.showsSecrets ? redactKmsUri : context.redact;
    return [`${sql} = ${formatStrings(isList ? strings.map(redact) : strings)}`];
  });
  return given.length === 0 ? '' : `WITH ${given.join(', ')}`;
}
