import { SQLSTATE, SqlError } from '../../../base/errors';
import type { ExternalStorageOptions } from '../../../storage/external/storage-options';
import { BackupChain } from '../../chain';
import { prettyKey } from '../../format/datum/pretty-key';
import { Coverage, type KeySpan } from '../../restore/coverage';
import type { BackupPayload } from '../payload';

/** The chain that an incremental layer goes onto. */
export class Base {
  readonly chain: BackupChain;
  /** Where the chain ends, and the layer begins. */
  readonly startTime: bigint;
  private coverage: Coverage | undefined;

  private constructor(chain: BackupChain) {
    this.chain = chain;
    this.startTime = chain.last.manifest.endTime?.wallTime ?? 0n;
  }

  /** @param layers of the chain @param key of the data, where that is encrypted */
  static async open(
    layers: NonNullable<BackupPayload['base']>,
    key: BackupPayload['key'],
    storage: ExternalStorageOptions,
  ): Promise<Base> {
    const opened = key === undefined ? {} : { key: Buffer.from(key, 'base64') };
    return new Base(await BackupChain.open(layers, { storage, withoutParts: true, ...opened }));
  }

  /** Whether all that a span ever held until the chain's end is in the chain. */
  covers(span: KeySpan): boolean {
    this.coverage ??= new Coverage(this.chain.layers.map((layer) => layer.manifest));
    try {
      this.coverage.check(span, prettyKey);
      return true;
    } catch (error) {
      const isGap = error instanceof SqlError;
      if (isGap && error.sqlstate === SQLSTATE.objectNotInPrerequisiteState) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.chain.close();
  }
}
