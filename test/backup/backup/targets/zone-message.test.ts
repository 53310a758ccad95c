import { fromBinary } from '@bufbuild/protobuf';
import { systemZones } from '../../../../backup/backup/targets/zone-message';
import { ZoneConfigSchema } from '../../../../catalog/descriptor/gen/zone_pb';
import { CatalogSnapshot } from '../../../../catalog/snapshot';

test('the default zone leaves nothing to inherit; zones of tables inherit constraints they do not set', () => {
  const own = { id: 53, subId: 0, config: JSON.stringify({ 'gc.ttlseconds': '600' }) };
  const zones = systemZones([own], new CatalogSnapshot(0, []));
  const inherited = (id: number): boolean[] => {
    const config = zones.find((zone) => zone.id === id)?.config ?? new Uint8Array();
    const zone = fromBinary(ZoneConfigSchema, config);
    return [
      zone.inheritedConstraints,
      zone.inheritedLeasePreferences,
      !zone.nullVoterConstraintsIsEmpty,
    ];
  };
  expect(inherited(0)).toEqual([false, false, false]);
  expect(inherited(53)).toEqual([true, true, true]);
});
