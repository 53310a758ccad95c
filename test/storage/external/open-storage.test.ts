import { accessOf, openStorage } from '../../../storage/external/open-storage';
import { sqlState } from '../../support/sql-state';

const open = (uri: string): Promise<unknown> =>
  openStorage(uri, { externalIoDir: '/nonexistent', nodeId: 1 });

const S3 = 'AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=hush&AWS_REGION=r';
const AZURE = 'AZURE_ACCOUNT_NAME=n&AZURE_ACCOUNT_KEY=aHVzaA==';

test.each([
  [
    'ftp://x/y',
    '22023',
    'unsupported storage scheme: "ftp" - refer to docs to find supported storage schemes',
  ],
  [
    'bank/x',
    '22023',
    'unsupported storage scheme: "" - refer to docs to find supported storage schemes',
  ],
  ['s3://b/p', '22023', "AUTH is set to 'specified', but AWS_ACCESS_KEY_ID is not set"],
  [
    's3://b/p?AWS_ACCESS_KEY_ID=a',
    '22023',
    "AUTH is set to 'specified', but AWS_SECRET_ACCESS_KEY is not set",
  ],
  ['s3://b/p?AUTH=bogus', '22023', 'unsupported value bogus for AUTH'],
  ['gs://b/p?AUTH=bogus', '22023', 'CREDENTIALS must be set unless "AUTH" is "implicit"'],
  ['azure://c/p', '22023', 'azure uri missing "AZURE_ACCOUNT_NAME" parameter'],
  ['azure://c/p?AZURE_ACCOUNT_NAME=n', '22023', 'azure uri missing "AZURE_ACCOUNT_KEY" parameter'],
  [`s3://b/p?${S3}&AWS_REGIN=x&FOO=y`, '22023', 'unknown S3 query parameters: AWS_REGIN, FOO'],
  ['gs://b/p?CREDENTIALS=e30=&BILLING=x', '22023', 'unknown GS query parameters: BILLING'],
  [`azure://c/p?${AZURE}&x=y`, '22023', 'unknown azure query parameters: x'],
  ['nodelocal://1/p?x=y', '22023', 'unknown nodelocal query parameters: x'],
  ['userfile:///p?x=y', '22023', 'unknown userfile query parameters: x'],
  [
    `s3://b/p?${S3}&AWS_SERVER_ENC_MODE=x`,
    '22023',
    'unsupported server encryption mode x. Supported values are `aws:kms` and `AES256`.',
  ],
  [
    `s3://b/p?${S3}&AWS_SERVER_ENC_MODE=aws:kms`,
    '22023',
    'AWS_SERVER_KMS_ID param must be set when using aws:kms server side encryption mode.',
  ],
  [
    'gs://b/p?CREDENTIALS=hush',
    '22023',
    'decoding value of CREDENTIALS: it is not the JSON of a key in base64',
  ],
  ['gs://b/p?CREDENTIALS=e30=&ASSUME_ROLE=r,', '22023', 'ASSUME_ROLE names no role'],
  [
    'azure://c/p?AZURE_ACCOUNT_NAME=n&AZURE_CLIENT_ID=i&AZURE_CLIENT_SECRET=s',
    '22023',
    'azure uri missing "AZURE_TENANT_ID" parameter',
  ],
  [`azure://c/p?${AZURE}&AZURE_ENVIRONMENT=Moon`, '22023', 'azure environment "Moon" is not known'],
  ['azure://c/p?AUTH=implicit', '0A000', 'AUTH=implicit of azure URLs is not supported'],
  [
    'azure://c/p?AZURE_ACCOUNT_NAME=n&AZURE_ACCOUNT_KEY=!',
    '22023',
    'AZURE_ACCOUNT_KEY is not in base64',
  ],
  ['http:///p', '22023', 'http URI has no host: http://host/path'],
])('%s cannot be opened', async (uri, code, message) => {
  await expect(open(uri)).rejects.toThrow(sqlState(code, message));
});

test('a URL that does not parse is not repeated', async () => {
  const opening = open('s3://b/p?AWS_SECRET_ACCESS_KEY=hush%zz');
  await expect(opening).rejects.toThrow(sqlState('22023', /^(?!.*hush).*percent escape/));
});

test.each([
  ['http://h/p', 'external http access disabled'],
  [
    `s3://b/p?${S3}&AWS_ENDPOINT=http://h`,
    'custom endpoints disallowed for s3 due to --external-io-disable-http flag',
  ],
  [
    `azure://c/p?${AZURE}&AZURE_ENDPOINT=http://h`,
    'custom endpoints disallowed for azure due to --external-io-disable-http flag',
  ],
])('with --external-io-disable-http, %s is refused', async (uri, message) => {
  const options = { externalIoDir: undefined, nodeId: 1, httpDisabled: true };
  await expect(openStorage(uri, options)).rejects.toThrow(sqlState('55000', message));
});

test.each(['s3', 'gs'])(
  'with --external-io-disable-implicit-credentials, %s with AUTH=implicit is refused',
  async (scheme) => {
    const options = { externalIoDir: undefined, nodeId: 1, implicitCredentialsDisabled: true };
    const message = `implicit credentials disallowed for ${scheme} due to --external-io-implicit-credentials flag`;
    await expect(openStorage(`${scheme}://b/p?AUTH=implicit`, options)).rejects.toThrow(
      sqlState('55000', message),
    );
  },
);

test('null takes everything and has nothing', async () => {
  const storage = await openStorage('null:///', { externalIoDir: undefined, nodeId: 1 });
  await storage.write('x', Buffer.from('x'));
  await expect(storage.open('x')).rejects.toThrow(sqlState('58P01', /does not exist/));
});

test('a URL too long is refused', async () => {
  await expect(open(`nodelocal://1/${'x'.repeat(70_000)}`)).rejects.toThrow(
    sqlState('22023', /too long/),
  );
});

test.each([
  ['nodelocal://1/x', 'nodelocal', false],
  ['s3://b/p?AWS_ACCESS_KEY_ID=a', 's3', true],
  ['s3://b/p?AUTH=implicit', 's3', false],
  ['s3://b/p?AWS_ENDPOINT=http://h', 's3', false],
  ['gs://b/p', 'gs', false],
  ['gs://b/p?AUTH=specified', 'gs', true],
  ['gs://b/p?AUTH=specified&GOOGLE_ENDPOINT=http://h', 'gs', false],
  ['azure://c/p', 'azure', true],
  ['azure-blob://c/p', 'azure', true],
  ['azure://c/p?AZURE_ENDPOINT=http://h', 'azure', false],
  ['null:///', 'null', true],
  ['https://h/p', 'http', false],
  ['userfile:///x', 'userfile', true],
  ['ftp://h/p', 'ftp', false],
])('%s: provider %s, own credentials: %s', (uri, provider, explicit) => {
  expect(accessOf(uri)).toEqual({ provider, explicit });
});
