import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Notice } from '../engine';
import type { EngineContext } from '../engine-context';
import type { StringOrPlaceholder } from '../parse/ast';
import type { SessionSettings } from '../session/settings';

/** What a statement that is not a query sees of its session while it runs. */
export interface StatementContext {
  readonly engine: EngineContext;
  readonly catalog: CatalogSnapshot;
  readonly settings: SessionSettings;
  readonly user: string;
  /** The statement as the client sent it. */
  readonly sql: string;
  readonly inTransactionBlock: boolean;
  readonly signal: AbortSignal;
  notice(notice: Notice): void;
  /** The text of a string constant or of a placeholder's value. */
  text(value: StringOrPlaceholder): string;
}
