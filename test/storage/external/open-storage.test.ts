import { accessOf, openStorage } from '../../../storage/external/open-storage';
import { sqlState } from '../../support/sql-state';

const open = (uri: string): Promise<unknown> =>
  openStorage(uri, { externalIoDir: '/nonexistent', nodeId: 1 });

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
  [
    's3://b/p?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=hush',
    '0A000',
    'storage scheme "s3" (s3://b/p?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=redacted) is not supported',
  ],
  ['https://h/p', '0A000', 'storage scheme "https" (https://h/p) is not supported'],
  ['userfile:///x', '0A000', 'storage scheme "userfile" (userfile:///x) is not supported'],
])('%s cannot be opened', async (uri, code, message) => {
  await expect(open(uri)).rejects.toThrow(sqlState(code, message));
});

test('a URL that does not parse is not repeated', async () => {
  const opening = open('s3://b/p?AWS_SECRET_ACCESS_KEY=hush%zz');
  await expect(opening).rejects.toThrow(sqlState('22023', /^(?!.*hush).*percent escape/));
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
  ['azure://c/p', 'azure', true],
  ['https://h/p', 'http', false],
  ['userfile:///x', 'userfile', true],
  ['ftp://h/p', 'ftp', false],
])('%s: provider %s, own credentials: %s', (uri, provider, explicit) => {
  expect(accessOf(uri)).toEqual({ provider, explicit });
});
