import { styledIntervalText } from '../../../catalog/types/interval-styles';
import { parseInterval } from '../../../catalog/types/parse-interval';

/** Answers of PostgreSQL 15. */
test.each([
  [
    '1 year 2 months 3 days 4 hours 5 minutes 6.789 seconds',
    'P1Y2M3DT4H5M6.789S',
    '+1-2 +3 +4:05:06.789',
  ],
  ['-1 year -2 months', 'P-1Y-2M', '-1-2'],
  ['1 year 2 months', 'P1Y2M', '1-2'],
  ['3 days', 'P3D', '3 0:00:00'],
  ['-3 days +04:05:06', 'P-3DT4H5M6S', '+0-0 -3 +4:05:06'],
  ['3 days 04:05:06', 'P3DT4H5M6S', '3 4:05:06'],
  ['-3 days -04:05:06', 'P-3DT-4H-5M-6S', '-3 4:05:06'],
  ['00:00:00', 'PT0S', '0'],
  ['-00:00:00.5', 'PT-0.5S', '-0:00:00.5'],
  ['100 hours', 'PT100H', '100:00:00'],
  ['1 year -1 day', 'P1Y-1D', '+1-0 -1 +0:00:00'],
  ['-1 mon +5 days', 'P-1M5D', '-0-1 +5 +0:00:00'],
  ['12:00:01.000001', 'PT12H1.000001S', '12:00:01.000001'],
  ['-13 mons', 'P-1Y-1M', '-1-1'],
])('%s', (text, iso, standard) => {
  const value = parseInterval(text);
  expect(styledIntervalText(value, 'iso_8601')).toBe(iso);
  expect(styledIntervalText(value, 'sql_standard')).toBe(standard);
});
