import type * as Auth from 'google-auth-library';
import type { AuthClient, GoogleAuth } from 'google-auth-library';
import { SqlError } from '../../../base/errors';
import type { ExternalStorage } from '../external-storage';
import { PATIENCE } from '../objects/attempts';
import { ObjectStorage } from '../objects/object-storage';
import type { ExternalStorageOptions } from '../storage-options';
import { makeAgents } from '../transport';
import { type LocationUri, redactUri } from '../uri';
import { type GsAuthorization, GsDriver, loadGsSdk } from './gs-driver';
import { type GsLocation, gsLocation } from './gs-location';
import { trustInThread } from './trusted-ca';

const loadAuthLibrary = () => require('google-auth-library') as typeof Auth;

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';

/** For asking to act as somebody else. */
const ROLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** @throws see `openStorage` */
export async function openGs(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  const gs = gsLocation(location);
  const { customCa = '' } = options;
  trustInThread(customCa);
  const { Storage } = loadGsSdk();
  const { endpoint, billingProject } = gs;
  const authClient = await authClientOf(gs);
  const client = new Storage({
    ...(endpoint === '' ? {} : { apiEndpoint: endpoint }),
    ...(authClient === undefined ? {} : { authClient }),
    // An endpoint of the user's own is not shown what this machine may do.
    useAuthWithCustomEndpoint: gs.credentials.kind !== 'implicit',
    // Our own attempts are the same for every provider, and go on where a body broke off.
    retryOptions: { autoRetry: false, maxRetries: 0 },
    timeout: (options.patience ?? PATIENCE).silenceMs,
  });
  const bucket = client.bucket(
    gs.bucket,
    billingProject === '' ? {} : { userProject: billingProject },
  );
  const agents = makeAgents(customCa, endpoint === '' ? undefined : new URL(endpoint).host);
  const isOpen = endpoint !== '' && gs.credentials.kind === 'implicit';
  const authorization: GsAuthorization = async (url) =>
    isOpen ? {} : await client.authClient.getRequestHeaders(url);
  return new ObjectStorage(new GsDriver(bucket, agents, authorization), {
    redactedUrl: redactUri(uri),
    root: `gs://${gs.bucket}`,
    prefix: gs.prefix,
    signal: options.signal,
    patience: options.patience,
    timeoutMs: options.timeoutMs,
    known: options.knownObjects?.holder(uri),
  });
}

/** Undefined: the environment's own. */
async function authClientOf({
  credentials,
  roles,
}: GsLocation): Promise<AuthClient | GoogleAuth | undefined> {
  const targetPrincipal = roles.at(-1);
  if (targetPrincipal === undefined) return await baseClientOf(credentials, SCOPE);
  const { GoogleAuth, Impersonated } = loadAuthLibrary();
  const scopes = [ROLE_SCOPE];
  const sourceClient =
    (await baseClientOf(credentials, ROLE_SCOPE)) ?? (await new GoogleAuth({ scopes }).getClient());
  const delegates = roles.slice(0, -1).map((role) => `projects/-/serviceAccounts/${role}`);
  return new Impersonated({ sourceClient, targetPrincipal, delegates, targetScopes: [SCOPE] });
}

/** Undefined: the environment's own. */
async function baseClientOf(
  credentials: GsLocation['credentials'],
  scope: string,
): Promise<AuthClient | undefined> {
  if (credentials.kind === 'implicit') return undefined;
  const { GoogleAuth, JWT, OAuth2Client } = loadAuthLibrary();
  if (credentials.kind === 'token') {
    const client = new OAuth2Client();
    client.setCredentials({ access_token: credentials.token });
    return client;
  }
  const { json } = credentials;
  const auth = new GoogleAuth({ scopes: scope });
  const client = keyClient(auth, json);
  // A key signs its own tokens: no other server has to be reached.
  if (client instanceof JWT) {
    client.useJWTAccessWithScope = true;
    client.scopes = [scope];
  }
  return client;
}

function keyClient(auth: GoogleAuth, json: Readonly<Record<string, unknown>>): AuthClient {
  try {
    return auth.fromJSON(json as Parameters<typeof auth.fromJSON>[0]);
  } catch (error) {
    // It names the field that is missing.
    const why = error instanceof Error ? error.message : 'it is not a key';
    throw new SqlError('invalidParameterValue', `CREDENTIALS cannot be used: ${why}`);
  }
}
