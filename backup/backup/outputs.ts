import { defined } from '../../base/invariant';
import { compareKeys } from '../format/compare-keys';
import { encodeTablePrefix } from '../format/datum/table-key';
import type { KeySpan } from '../restore/coverage';
import type { Base } from './base';
import { Changes } from './changes';
import type { DataFiles } from './data-files';
import { type PairOutput, SpanOutput } from './pair-output';
import { indexSpans } from './written-table';

/** Where the pairs of one table go: one output for each of its spans. */

export interface OutputsContext {
  readonly options: { readonly endTime: bigint };
  readonly files: DataFiles;
  readonly base: Base | undefined;
}

export class Outputs {
  readonly endTime: bigint;
  readonly spans: readonly KeySpan[];
  readonly introduced: readonly KeySpan[];
  /** In the order of `spans`. */
  readonly outputs: readonly PairOutput[];
  private readonly tableId: number;
  private readonly changes: readonly Changes[];

  private constructor(
    tableId: number,
    endTime: bigint,
    parts: readonly SpanPart[],
    outputs: readonly PairOutput[],
  ) {
    this.tableId = tableId;
    this.endTime = endTime;
    this.spans = parts.map(({ span }) => span);
    this.introduced = parts.filter(({ introduced }) => introduced).map(({ span }) => span);
    this.outputs = outputs;
    this.changes = outputs.filter((output) => output instanceof Changes);
  }

  static async open(
    { options, files, base }: OutputsContext,
    tableId: number,
    indexIds: readonly number[],
    primaryId: number,
  ): Promise<Outputs> {
    const { endTime } = options;
    const parts = spanParts(tableId, indexIds, base);
    const outputs: PairOutput[] = [];
    for (const { span, introduced } of parts) {
      const about = { endTime, primaryIndexOf: () => primaryId };
      const output = new SpanOutput(span, about, (finished) => files.turn(finished));
      if (base === undefined) outputs.push(output);
      else {
        const { chain, startTime } = base;
        const changes = { chain, startTime, endTime, introduced };
        outputs.push(await Changes.open(output, span, changes));
      }
    }
    return new Outputs(tableId, endTime, parts, outputs);
  }

  of(indexId: number): PairOutput {
    const key = encodeTablePrefix(this.tableId, indexId);
    const i = this.spans.findIndex(
      ({ start, end }) =>
        compareKeys(start, start.length, key, key.length) <= 0 &&
        compareKeys(key, key.length, end, end.length) < 0,
    );
    return defined(this.outputs[i], `span of index ${indexId}`);
  }

  async finish(): Promise<void> {
    for (const output of this.outputs) await output.finish();
  }

  async close(): Promise<void> {
    for (const changes of this.changes) await changes.close();
  }
}

interface SpanPart {
  readonly span: KeySpan;
  readonly introduced: boolean;
}

/** Spans of a table, those that a chain covers apart from those that are new to it. */
function spanParts(
  tableId: number,
  indexIds: readonly number[],
  base: Base | undefined,
): SpanPart[] {
  const isNew = (id: number): boolean =>
    base !== undefined && !indexSpans(tableId, [id]).every((span) => base.covers(span));
  const news = indexIds.filter(isNew);
  const old = indexIds.filter((id) => !news.includes(id));
  return [
    ...indexSpans(tableId, old).map((span) => ({ span, introduced: false })),
    ...indexSpans(tableId, news).map((span) => ({ span, introduced: true })),
  ].sort((a, b) =>
    compareKeys(a.span.start, a.span.start.length, b.span.start, b.span.start.length),
  );
}
