import { SqlError } from '../../base/errors';
import { redactSecrets } from '../../base/logger';
import { redactUri } from '../../storage/external/uri';
import type { BackupStatement, Statement, StringOrPlaceholder } from '../parse/ast';
import { formatBackupInto } from '../parse/format';
import { parseStatement } from '../parse/parse';

/** The BACKUP of a schedule as text: one that is kept and run, one that is shown. */

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

type IntoCollection = BackupStatement & {
  readonly destination: { readonly kind: 'collection' };
};

const isIntoCollection = (statement: Statement): statement is IntoCollection =>
  statement.kind === 'Backup' && statement.destination.kind === 'collection';

/** The statement of a kept text; undefined when it is none that is known here. */
function backupOf(text: string): IntoCollection | undefined {
  try {
    const statement = parseStatement(text);
    return isIntoCollection(statement) ? statement : undefined;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** A kept text without its secrets. */
export function shownBackup(text: string): string {
  return shown(text, backupOf(text)?.destination.subdirectory === 'LATEST');
}

/** What stands between FOR and RECURRING in CREATE SCHEDULE, without secrets. */
export const shownTemplate = (text: string): string => shown(text, false);

function shown(text: string, latest: boolean): string {
  const statement = backupOf(text);
  if (statement === undefined) return redactSecrets(text);
  const uris = statement.destination.collection.map((uri) =>
    uri.kind === 'string' ? uri.value : '',
  );
  return formatBackupInto(statement, { latest, uris }, { redact: redactUri, parameter: () => '' });
}
