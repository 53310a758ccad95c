import * as fc from 'fast-check';
import { parseLocation, redactKmsUri, redactUri } from '../../../storage/external/uri';

test.each([
  ['nodelocal://1/bank', 'nodelocal://1/bank'],
  ['nodelocal:///bank', 'nodelocal:///bank'],
  ['NodeLocal://self/a/../b', 'nodelocal://self/a/../b'],
  [
    's3://b/p?AWS_SECRET_ACCESS_KEY=abc&AWS_ACCESS_KEY_ID=id&AWS_SESSION_TOKEN=t',
    's3://b/p?AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=redacted&AWS_SESSION_TOKEN=redacted',
  ],
  ['s3://b/p?aws_secret_access_key=abc', 's3://b/p?aws_secret_access_key=redacted'],
  ['s3://b/p?AWS%5FSECRET%5FACCESS%5FKEY=abc', 's3://b/p?AWS_SECRET_ACCESS_KEY=redacted'],
  ['s3://b/p?AWS_SECRET_ACCESS_KEY=ab#cd', 's3://b/p?AWS_SECRET_ACCESS_KEY=redacted'],
  ['s3://user:word@b/p', 's3://redacted@b/p'],
  ['gs://b/p?CREDENTIALS=eyJ9&AUTH=specified', 'gs://b/p?AUTH=specified&CREDENTIALS=redacted'],
  [
    'azure://c/p?AZURE_ACCOUNT_KEY=k%2B%3D&AZURE_ACCOUNT_NAME=n',
    'azure://c/p?AZURE_ACCOUNT_KEY=redacted&AZURE_ACCOUNT_NAME=n',
  ],
  ['s3://b/p?z=a%20b&b=1&b=0&a=%2F', 's3://b/p?a=%2F&b=1&b=0&z=a+b'],
  ['s3://b/p?COCKROACH_LOCALITY=region%3Deast', 's3://b/p?COCKROACH_LOCALITY=region%3Deast'],
  ['nodelocal://1/a b%20c', 'nodelocal://1/a%20b%20c'],
  ['workload:///csv/bank/bank?CREDENTIALS=x', 'workload:///csv/bank/bank?CREDENTIALS=x'],
  ['nodelocal://1/%zz', '<uri_failed_to_redact>'],
  ['s3://b/p?AWS_SECRET_ACCESS_KEY=%zz', '<uri_failed_to_redact>'],
  ['s3://b/p\n?CREDENTIALS=x', '<uri_failed_to_redact>'],
  ['no url', 'no%20url'],
])('%s is shown as %s', (uri, shown) => expect(redactUri(uri)).toBe(shown));

test('the key of a KMS URI is hidden as well', () => {
  expect(
    redactKmsUri('aws:///arn:aws:kms:us-east-1:1:key/2?REGION=r&AWS_SECRET_ACCESS_KEY=s'),
  ).toBe('aws:///redacted?AWS_SECRET_ACCESS_KEY=redacted&REGION=r');
});

test('whatever a secret is made of, it is not shown, and redacting twice changes nothing', () => {
  const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const name = fc.constantFrom('AWS_SECRET_ACCESS_KEY', 'CREDENTIALS', 'AZURE_ACCOUNT_KEY');
  void fc.assert(
    fc.property(name, secret, (param, value) => {
      const shown = redactUri(`s3://b/p?x=1&${param}=${encodeURIComponent(value)}&y=2`);
      expect(shown).toBe(`s3://b/p?${param}=redacted&x=1&y=2`);
      expect(redactUri(shown)).toBe(shown);
    }),
  );
});

test('parts are decoded, dot segments stay', () => {
  expect(parseLocation('nodelocal://1/a/%2e%2e/b%20c?X=a+b%2B&Y&Z=1=2')).toEqual({
    scheme: 'nodelocal',
    host: '1',
    path: '/a/../b c',
    rawPath: '/a/%2e%2e/b%20c',
    params: [
      ['X', 'a b+'],
      ['Y', ''],
      ['Z', '1=2'],
    ],
  });
});
