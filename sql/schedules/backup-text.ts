import { SqlError } from '../../base/errors';
import { redactSecrets } from '../../base/logger';
import { redactUri } from '../../storage/external/uri';
import type { BackupStatement, StringOrPlaceholder } from '../parse/ast';
import { formatBackupInto } from '../parse/format';
import { parseStatement } from '../parse/parse';

/** The BACKUP of a schedule as text: one that is kept and run, one that is shown. */

const noParameters = (): string => '';

const textsOf = (uris: readonly StringOrPlaceholder[]): string[] =>
  uris.map((uri) => (uri.kind === 'string' ? uri.value : ''));

/** To be run, secrets included. @param text the value of a constant or a placeholder */
export function runnableText(
  statement: BackupStatement,
  latest: boolean,
  text: (value: StringOrPlaceholder) => string,
): string {
  const { destination } = statement;
  const uris = destination.kind === 'collection' ? destination.collection.map(text) : [];
  return formatBackupInto(
    statement,
    { latest, uris },
    {
      showsSecrets: true,
      redact: (uri) => uri,
      parameter: (index) => text({ kind: 'placeholder', index, location: 0 }),
    },
  );
}

/** The statement of a kept text; undefined when it is none that is known here. */
export function backupOf(text: string): BackupStatement | undefined {
  try {
    const statement = parseStatement(text);
    return statement.kind === 'Backup' && statement.destination.kind === 'collection'
      ? statement
      : undefined;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** A kept text without its secrets. */
export function shownBackup(text: string): string {
  const statement = backupOf(text);
  const destination = statement?.destination;
  if (statement === undefined || destination?.kind !== 'collection') return redactSecrets(text);
  return formatBackupInto(
    statement,
    { latest: destination.subdirectory === 'LATEST', uris: textsOf(destination.collection) },
    { redact: redactUri, parameter: noParameters },
  );
}

/** What stands between FOR and RECURRING in CREATE SCHEDULE, without secrets. */
export function shownTemplate(text: string): string {
  return shownBackup(text).replace(' INTO LATEST IN ', ' INTO ');
}
