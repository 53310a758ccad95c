import { SqlError } from '../../base/errors';
import type { Span, Timestamp } from '../../catalog/descriptor/gen/common_pb';
import { compareKeys } from '../format/compare-keys';
import type { BackupManifest } from '../format/gen/backup_pb';

/**
 * Do the layers of a chain, in their order, cover the wanted key spans from the beginning of time to the chain's end?
 * A layer covers its `introduced_spans` from 0 to its start and its `spans` from its start to its end (format reference 07 §4).
 */

export interface KeySpan {
  readonly start: Uint8Array;
  /** Exclusive. */
  readonly end: Uint8Array;
}

interface Interval {
  readonly span: KeySpan;
  readonly from: Time;
  readonly to: Time;
}

interface Time {
  readonly wall: bigint;
  readonly logical: number;
}

const ZERO: Time = { wall: 0n, logical: 0 };

const timeOf = (timestamp: Timestamp | undefined): Time =>
  timestamp === undefined ? ZERO : { wall: timestamp.wallTime, logical: timestamp.logical };

const isBefore = (a: Time, b: Time): boolean =>
  a.wall === b.wall ? a.logical < b.logical : a.wall < b.wall;

const order = (a: Uint8Array, b: Uint8Array): number => compareKeys(a, a.length, b, b.length);

/** `seconds.nanos,logical` as CockroachDB prints a timestamp. */
const timeText = ({ wall, logical }: Time): string =>
  `${wall / 1_000_000_000n}.${String(wall % 1_000_000_000n).padStart(9, '0')},${logical}`;

function spanOf(span: Span): KeySpan {
  return { start: span.key, end: span.endKey };
}

/** @throws SqlError objectNotInPrerequisiteState (55000) naming the uncovered time and keys */
export function checkCoverage(
  manifests: readonly BackupManifest[],
  wanted: readonly KeySpan[],
  pretty: (key: Uint8Array) => string,
): void {
  const coverage = new Coverage(manifests);
  for (const span of wanted) coverage.check(span, pretty);
}

/** What the layers of a chain cover, for many questions. */
export class Coverage {
  /** By the beginnings of their spans. */
  private readonly sorted: readonly OrderedInterval[];
  /** The last of the ends of an interval and those before it. */
  private readonly lastEnds: readonly Uint8Array[];
  private readonly end: Time;

  constructor(manifests: readonly BackupManifest[]) {
    this.sorted = manifests
      .flatMap(intervalsOf)
      .map((interval, number) => ({ ...interval, number }))
      .sort((a, b) => order(a.span.start, b.span.start));
    const lastEnds: Uint8Array[] = [];
    for (const { span } of this.sorted) {
      const last = lastEnds.at(-1);
      lastEnds.push(last !== undefined && order(last, span.end) > 0 ? last : span.end);
    }
    this.lastEnds = lastEnds;
    this.end = manifests.reduce<Time>((latest, manifest) => {
      const time = timeOf(manifest.endTime);
      return isBefore(latest, time) ? time : latest;
    }, ZERO);
  }

  /** @throws SqlError objectNotInPrerequisiteState (55000) naming the uncovered time and keys */
  check(span: KeySpan, pretty: (key: Uint8Array) => string): void {
    const intervals = this.overlapping(span);
    for (const piece of pieces(span, intervals)) checkPiece(piece, intervals, this.end, pretty);
  }

  /** In the order of the layers. */
  private overlapping(span: KeySpan): Interval[] {
    const { sorted, lastEnds } = this;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order((sorted[middle] as OrderedInterval).span.start, span.end) < 0) low = middle + 1;
      else high = middle;
    }
    const found: OrderedInterval[] = [];
    for (let i = low - 1; i >= 0; i--) {
      if (order(lastEnds[i] as Uint8Array, span.start) <= 0) break;
      const interval = sorted[i] as OrderedInterval;
      if (overlaps(interval.span, span)) found.push(interval);
    }
    return found.sort((a, b) => a.number - b.number);
  }
}

interface OrderedInterval extends Interval {
  /** In the order of the layers. */
  readonly number: number;
}

function intervalsOf(manifest: BackupManifest): Interval[] {
  const start = timeOf(manifest.startTime);
  const end = timeOf(manifest.endTime);
  return [
    ...manifest.introducedSpans.map((span) => ({ span: spanOf(span), from: ZERO, to: start })),
    ...manifest.spans.map((span) => ({ span: spanOf(span), from: start, to: end })),
  ];
}

const overlaps = (a: KeySpan, b: KeySpan): boolean =>
  order(a.start, b.end) < 0 && order(b.start, a.end) < 0;

/** Cuts a span at the bounds of the intervals that overlap it, so that each piece is in or out of an interval as a whole. */
function pieces(span: KeySpan, intervals: readonly Interval[]): KeySpan[] {
  const bounds = [span.start, span.end];
  for (const { span: other } of intervals) {
    if (!overlaps(span, other)) continue;
    for (const key of [other.start, other.end]) {
      if (order(key, span.start) > 0 && order(key, span.end) < 0) bounds.push(key);
    }
  }
  bounds.sort(order);
  const cuts = bounds.filter((key, i) => i === 0 || order(key, bounds[i - 1] ?? key) !== 0);
  return cuts.slice(1).map((end, i) => ({ start: cuts[i] ?? span.start, end }));
}

function checkPiece(
  piece: KeySpan,
  intervals: readonly Interval[],
  end: Time,
  pretty: (key: Uint8Array) => string,
): void {
  const fail = (from: Time, to: Time, why: string): never => {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `no backup covers time [${timeText(from)},${timeText(to)}) for range ` +
        `[${pretty(piece.start)},${pretty(piece.end)}) ${why}`,
    );
  };
  let covered = ZERO;
  for (const interval of intervals) {
    if (!overlaps(piece, interval.span)) continue;
    if (isBefore(covered, interval.from)) {
      fail(covered, interval.from, 'or backups listed out of order (mismatched start time)');
    }
    if (isBefore(covered, interval.to)) covered = interval.to;
  }
  if (isBefore(covered, end)) fail(covered, end, '(or backups out of order)');
}
