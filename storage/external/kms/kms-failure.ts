import { SqlError } from '../../../base/errors';

/** What a service said when it would not, or could not, in a client's words. Never the data, never a credential. */
export function kmsFailure(
  provider: string,
  what: 'encrypt' | 'decrypt',
): (error: unknown) => never {
  return (error) => {
    const { name = '', message = '' } = error as { name?: string; message?: string };
    const { $metadata, status } = error as {
      $metadata?: { httpStatusCode?: number };
      status?: number;
    };
    const code = $metadata?.httpStatusCode ?? status;
    const refused = code !== undefined && code >= 400 && code < 500 && code !== 429;
    const reason = message === '' ? name : `${name}: ${message}`;
    throw new SqlError(
      refused ? 'invalidAuthorizationSpecification' : 'connectionFailure',
      `${provider} kms could not ${what} the data key: ${reason}`,
      { cause: error },
    );
  };
}
