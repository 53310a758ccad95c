import { parseDecimal } from './types/decimal';

/** What a new cluster knows of the world. Source: a new CockroachDB's system.locations. */
const LOCATIONS = [
  ['europe-west1', '50.448160000000000', '3.818860000000000'],
  ['us-central1', '42.032974000000000', '-93.581543000000000'],
  ['us-east1', '33.836082000000000', '-81.163727000000000'],
  ['us-east4', '37.478397000000000', '-76.453077000000000'],
  ['us-west1', '43.804133000000000', '-120.554201000000000'],
] as const;

/** Rows of system.locations until a cluster is restored, which brings its own. */
export const INITIAL_LOCATIONS = LOCATIONS.map(([localityValue, latitude, longitude]) => ({
  localityKey: 'region',
  localityValue,
  latitude: parseDecimal(latitude),
  longitude: parseDecimal(longitude),
}));
