import { localityUris, partitionOf, partName } from '../../../../backup/backup/layer/localities';

const uris = (...values: string[]) =>
  values.map((value) => `nodelocal://1/a?X=1&COCKROACH_LOCALITY=${value}`);

describe('destinations by locality', () => {
  test('the parameter is taken out, all else stays', () => {
    expect(localityUris(['nodelocal://1/a?A=b%20c'])).toEqual({
      uri: 'nodelocal://1/a?A=b%20c',
      partitions: [],
    });
    expect(localityUris(['s3://b/p?COCKROACH_LOCALITY=default&A=1']).uri).toBe('s3://b/p?A=1');
    expect(localityUris(['s3://b/p?COCKROACH_LOCALITY=default']).uri).toBe('s3://b/p');
    expect(
      localityUris([...uris('region%3Deu', 'default'), 's3://c?COCKROACH_LOCALITY=az%3D1']),
    ).toEqual({
      uri: 'nodelocal://1/a?X=1',
      partitions: [
        { locality: 'region=eu', uri: 'nodelocal://1/a?X=1' },
        { locality: 'az=1', uri: 's3://c' },
      ],
    });
  });

  test.each([
    [uris('region%3Deu'), 'COCKROACH_LOCALITY region=eu is invalid for a single BACKUP location'],
    [uris('default', 'default'), 'multiple default URLs provided for partition backup'],
    [uris('a%3Db', 'c%3Dd'), 'no default URL provided for partitioned backup'],
    [uris('default', 'a%3Db', 'a%3Db'), 'duplicate URIs for locality a=b'],
    [uris('default', 'nothing'), 'failed to parse backup locality'],
    [
      ['nodelocal://1/a', ...uris('default')],
      'multiple URLs are provided for partitioned BACKUP, but COCKROACH_LOCALITY is not specified',
    ],
  ])('%p', (given, message) => {
    expect(() => localityUris(given)).toThrow(message);
  });

  test('the most specific tier counts', () => {
    const partitions = ['region=eu', 'az=1'].map((locality) => ({ locality, uri: locality }));
    const tiers = (text: string) =>
      text
        .split(',')
        .map((tier) => ({ key: tier.split('=')[0] ?? '', value: tier.split('=')[1] ?? '' }));
    expect(partitionOf(partitions, tiers('region=eu,az=1'))?.locality).toBe('az=1');
    expect(partitionOf(partitions, tiers('region=eu,az=2'))?.locality).toBe('region=eu');
    expect(partitionOf(partitions, tiers('region=us'))).toBeUndefined();
    expect(partName(2, 'region=us east/1')).toBe('BACKUP_PART_2_region=us_east_1');
  });
});
