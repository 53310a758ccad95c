import { SqlError } from '../../../base/errors';
import type { Agents } from '../transport';
import { s3Reason } from './s3-driver';
import type { AssumedRole, S3Credentials } from './s3-location';

/** As it is shown in the account's logs. */
const SESSION_NAME = 'ootheca';

/**
 * Credentials of the last of some roles, each taken on with those of the one before; asked for anew before they expire.
 * @param base of the first; undefined: the environment's
 */
export async function assumeRoles(
  roles: readonly AssumedRole[],
  base: S3Credentials | undefined,
  region: string,
  { http: httpAgent, https: httpsAgent }: Agents,
): Promise<() => Promise<S3Credentials & { readonly expiration?: Date }>> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  return async () => {
    let current: (S3Credentials & { readonly expiration?: Date }) | undefined = base;
    for (const { arn, externalId } of roles) {
      const client = new STSClient({
        region,
        ...(current === undefined ? {} : { credentials: current }),
        requestHandler: { httpAgent, httpsAgent },
      });
      const command = new AssumeRoleCommand({
        RoleArn: arn,
        RoleSessionName: SESSION_NAME,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      });
      const { Credentials } = await client.send(command).catch((error: unknown) => {
        const { kind, message } = s3Reason(error);
        const code =
          kind === 'transient' ? 'connectionFailure' : 'invalidAuthorizationSpecification';
        throw new SqlError(code, `s3 storage: role ${arn}: ${message}`, { cause: error });
      });
      current = {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
        ...(Credentials?.Expiration === undefined ? {} : { expiration: Credentials.Expiration }),
      };
    }
    if (current === undefined) throw new SqlError('invalidParameterValue', 'no role to take on');
    return current;
  };
}
