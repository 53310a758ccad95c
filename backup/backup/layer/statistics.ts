import { create, fromBinary } from '@bufbuild/protobuf';
import { USER_TYPE_OID_BASE } from '../../../catalog/constants';
import type { DescriptorHeader } from '../../../catalog/snapshot';
import type { Connection } from '../../../storage/ranges/connection';
import { type StatisticRow, statisticsOfTable } from '../../../storage/ranges/statistic-rows';
import {
  type HistogramData,
  HistogramDataSchema,
  type TableStatistic,
  TableStatisticSchema,
} from '../../format/gen/backup_pb';

/** The statistics of tables, as a layer has them beside its manifest. */

export function tableStatistics(
  db: Connection,
  tables: readonly DescriptorHeader[],
): TableStatistic[] {
  return tables.flatMap(({ id }) => statisticsOfTable(db, id).map(statisticMessage));
}

const MICROS = 1_000_000;

function statisticMessage(row: StatisticRow): TableStatistic {
  const histogram = histogramOf(row);
  return create(TableStatisticSchema, {
    tableId: row.tableId,
    statisticId: BigInt.asUintN(64, row.statisticId),
    name: row.name ?? '',
    columnIds: [...row.columnIds],
    createdAt: {
      seconds: BigInt(Math.floor(row.createdMicros / MICROS)),
      nanos: (row.createdMicros % MICROS) * 1000,
    },
    rowCount: BigInt(row.rowCount),
    distinctCount: BigInt(row.distinctCount),
    nullCount: BigInt(row.nullCount),
    ...(histogram === undefined ? {} : { histogramData: histogram }),
  });
}

/** Not of user-defined types: it would name the type by the id that it had when it was made. */
function histogramOf({ histogram }: StatisticRow): HistogramData | undefined {
  if (histogram === null) return undefined;
  const data = fromBinary(HistogramDataSchema, histogram);
  return (data.columnType?.oid ?? 0) >= USER_TYPE_OID_BASE ? undefined : data;
}
