import { BackupCase, type CaseOptions } from '../support/backup-histories/backup-case';
import { HistoryServer } from '../support/backup-histories/history-server';
import { trace } from '../support/backup-histories/trace';
import { Random } from '../support/fuzz/random';

/**
 * restore(backup(x)) = x for databases and histories made at random: after each part of a history a layer is added; each layer is valid and
 * restores to what was there when it was made, those with revision history to what was there between statements, AS OF SYSTEM TIME reads
 * the same, and in the end the chain has the pairs of a full backup taken beside it. Owners and grants are those that the descriptors of a
 * layer tell, and, with comments, those of a restored cluster. Layers are written while others write, over PAUSE and
 * kill -9, and of what came out of another chain.
 * OOTHECA_BACKUP_CASES says how many databases, OOTHECA_BACKUP_SEED where they begin, OOTHECA_BACKUP_FORM how all of them are backed up,
 * OOTHECA_BACKUP_EVENT what happens while each layer is written.
 */
const CASES = Number(process.env['OOTHECA_BACKUP_CASES'] ?? 3);
const SEED = Number(process.env['OOTHECA_BACKUP_SEED'] ?? 1);
const OPTIONS: CaseOptions = {
  form: process.env['OOTHECA_BACKUP_FORM'] as CaseOptions['form'],
  event: process.env['OOTHECA_BACKUP_EVENT'] as CaseOptions['event'],
};

describe('restore(backup(x)) = x', () => {
  const server = new HistoryServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  test.each(Array.from({ length: CASES }, (_, i) => SEED + i))(
    'database %i',
    async (seed) => {
      try {
        await new BackupCase(server, new Random(seed), seed, OPTIONS).run();
      } catch (error) {
        // Jest tells of it when all are over.
        trace(`database ${seed}: FAILED ${error}\n`);
        throw error;
      }
      // What came back was expected to be what there was.
      expect.hasAssertions();
    },
    600_000,
  );
});
