import { parentPort, workerData } from 'node:worker_threads';
import { toTransferredError } from '../../base/error-transfer';
import { notSupported } from '../../base/errors';
import { defined, InvariantError } from '../../base/invariant';
import { CatalogManager } from '../../catalog/catalog-manager';
import { connectStore } from '../../storage/ranges/connection';
import { transact } from '../../storage/ranges/write-transaction';
import type { BindContext } from '../bind/catalog-view';
import type { Notice } from '../engine';
import { prepareConnection } from '../execute/functions';
import { parseExpression, parseStatement } from '../parse/parse';
import { loadParser } from '../parse/postgres';
import { SessionCatalogView } from '../session/catalog-view';
import type { NameContext } from '../session/name-resolution';
import { SessionSettings } from '../session/settings';
import { createIndexBody } from './alter-indexes';
import { alterTableBody } from './alter-table';
import { type DdlRun, runBody } from './run';
import type { DdlThreadData, DdlThreadResult } from './thread-messages';

/** Entry point of the thread that changes the schema of a table with many rows. */

async function run(data: DdlThreadData): Promise<readonly Notice[]> {
  await loadParser();
  const db = connectStore(data.storeDirectory, { durability: data.durability });
  try {
    prepareConnection(db, { cancel: new Int32Array(data.cancel) });
    const settings = new SessionSettings(() => undefined);
    for (const [name, value] of data.settings) settings.setInternal(name, value);
    const names: NameContext = {
      catalog: new CatalogManager(db).snapshot(),
      settings,
      user: data.user,
    };
    const body = bodyOf(data.sql);
    const context = bindContext(names, data);
    return transact(db, () => runBody(db, names, data.session, body, () => context));
  } finally {
    db.close();
  }
}

function bodyOf(sql: string): (run: DdlRun) => void {
  const statement = parseStatement(sql);
  switch (statement.kind) {
    case 'AlterTable':
      return (run) => alterTableBody(statement, run);
    case 'CreateIndex':
      return (run) => createIndexBody(statement, run);
    default:
      throw new InvariantError(`${statement.kind} is not run in a thread`);
  }
}

/** Definitions of tables read no other rows. */
function bindContext(names: NameContext, data: DdlThreadData): BindContext {
  const refuse = (): never => {
    throw notSupported('rows of other tables in a definition');
  };
  return {
    catalog: new SessionCatalogView(names),
    parameterTypes: [],
    timeZone: names.settings.timeZone,
    settings: data.session,
    showSource: refuse,
    systemTable: () => undefined,
    lookupTable: refuse,
    parseQuery: refuse,
    parseExpression,
  };
}

const port = defined(parentPort, 'parent port: this file is a thread');
void run(workerData as DdlThreadData)
  .then(
    (notices): DdlThreadResult => ({ kind: 'done', notices }),
    (error): DdlThreadResult => ({ kind: 'failed', error: toTransferredError(error) }),
  )
  .then((result) => {
    port.postMessage(result);
    port.close();
  });
