import { create } from '@bufbuild/protobuf';
import { type BackupManifest, BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { checkCoverage, type KeySpan } from '../../../backup/restore/coverage';

const key = (text: string): Uint8Array => Buffer.from(text);
const span = (from: string, to: string): KeySpan => ({ start: key(from), end: key(to) });

interface Layer {
  readonly from: number;
  readonly to: number;
  readonly spans: readonly string[];
  readonly introduced?: readonly string[];
}

/** Spans as two letters, times in seconds. */
const manifest = ({ from, to, spans, introduced = [] }: Layer): BackupManifest => {
  const time = (seconds: number) => ({ wallTime: BigInt(seconds) * 1_000_000_000n });
  const spanOf = (text: string) => ({ key: key(text[0] ?? ''), endKey: key(text[1] ?? '') });
  return create(BackupManifestSchema, {
    ...(from === 0 ? {} : { startTime: time(from) }),
    endTime: time(to),
    spans: spans.map(spanOf),
    introducedSpans: introduced.map(spanOf),
  });
};

const check = (layers: readonly Layer[], wanted: KeySpan): void =>
  checkCoverage(layers.map(manifest), [wanted], (bytes) => Buffer.from(bytes).toString());

test.each<[string, Layer[], KeySpan]>([
  ['one full layer', [{ from: 0, to: 9, spans: ['az'] }], span('b', 'd')],
  ['spans that meet', [{ from: 0, to: 9, spans: ['ac', 'cz'] }], span('b', 'd')],
  [
    'a full layer and an incremental one',
    [
      { from: 0, to: 5, spans: ['az'] },
      { from: 5, to: 9, spans: ['az'] },
    ],
    span('b', 'd'),
  ],
  [
    'a span that an incremental layer introduced',
    [
      { from: 0, to: 5, spans: ['ac'] },
      { from: 5, to: 9, spans: ['az'], introduced: ['cz'] },
    ],
    span('b', 'd'),
  ],
])('%s covers', (_, layers, wanted) => {
  expect(() => check(layers, wanted)).not.toThrow();
});

test.each<[string, Layer[], string]>([
  [
    'a span that is in no layer',
    [{ from: 0, to: 9, spans: ['xz'] }],
    'no backup covers time [0.000000000,0,9.000000000,0) for range [b,d) (or backups out of order)',
  ],
  [
    'a span of which the end is missing',
    [{ from: 0, to: 9, spans: ['ac'] }],
    'no backup covers time [0.000000000,0,9.000000000,0) for range [c,d) (or backups out of order)',
  ],
  [
    'a layer that is missing',
    [
      { from: 0, to: 3, spans: ['az'] },
      { from: 5, to: 9, spans: ['az'] },
    ],
    'no backup covers time [3.000000000,0,5.000000000,0) for range [b,d) or backups listed out of order (mismatched start time)',
  ],
  [
    'an incremental layer alone',
    [{ from: 5, to: 9, spans: ['az'] }],
    'no backup covers time [0.000000000,0,5.000000000,0) for range [b,d) or backups listed out of order (mismatched start time)',
  ],
  [
    'a last layer that lacks the span',
    [
      { from: 0, to: 5, spans: ['az'] },
      { from: 5, to: 9, spans: ['xz'] },
    ],
    'no backup covers time [5.000000000,0,9.000000000,0) for range [b,d) (or backups out of order)',
  ],
])('%s is refused', (_, layers, message) => {
  expect(() => check(layers, span('b', 'd'))).toThrow(message);
});
