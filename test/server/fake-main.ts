import { SqlError } from '../../base/errors';
import { runMain } from '../../server/main';
import { FakeEngine } from './fake-engine';

/** The program with the fake engine; a store named `locked` is one that another server has open. */
runMain(async ({ storeDir, externalIoDir }) => {
  if (storeDir.endsWith('locked')) {
    throw new SqlError('objectInUse', 'another server has it open', { hint: 'Stop it first.' });
  }
  process.stderr.write(`opened ${externalIoDir ?? 'no external dir'}\n`);
  const engine = new FakeEngine();
  const close = engine.close.bind(engine);
  engine.close = async () => {
    process.stderr.write('engine closed\n');
    await close();
  };
  return engine;
});
