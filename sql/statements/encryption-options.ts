import type { EncryptionSecret } from '../../backup/encryption-secret';
import { SqlError } from '../../base/errors';
import type { StringOrPlaceholder, Uris } from '../parse/ast';
import { requireKms } from '../privileges/external-access';
import type { StatementContext } from './statement-context';

/**
 * What BACKUP, RESTORE and SHOW BACKUP say of encryption.
 * @throws SqlError invalidParameterValue (22023), insufficientPrivilege (42501)
 */
export function encryptionSecret(
  {
    encryptionPassphrase,
    kms,
  }: { readonly encryptionPassphrase: StringOrPlaceholder | null; readonly kms: Uris | null },
  context: StatementContext,
  what: 'BACKUP' | 'RESTORE' | 'SHOW BACKUP',
): EncryptionSecret | undefined {
  if (encryptionPassphrase !== null && kms !== null) {
    throw new SqlError(
      'invalidParameterValue',
      'cannot have both encryption_passphrase and kms option set',
    );
  }
  if (encryptionPassphrase !== null) {
    return { kind: 'passphrase', passphrase: context.text(encryptionPassphrase) };
  }
  if (kms === null) return undefined;
  const uris = kms.map((uri) => context.text(uri));
  requireKms(context, uris, what);
  return { kind: 'kms', uris };
}
