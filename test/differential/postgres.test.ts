import fc from 'fast-check';
import { Both } from './support/both';
import { LISTED } from './support/listed';
import { groupedQuery, plainQuery, SCHEMA, setQuery, windowQuery } from './support/queries';
import { describePostgres } from './support/scratch-postgres';

/** Where CockroachDB and PostgreSQL agree, this program has to agree with PostgreSQL. */

const RUNS = 60;

describePostgres('the same rows as PostgreSQL 15', () => {
  let both: Both;
  beforeAll(async () => {
    both = await Both.start(SCHEMA);
  }, 300_000);
  afterAll(async () => {
    await both?.stop();
  });

  test.each(LISTED.map((sql) => [sql]))('%s', async (sql) => {
    const [ours, theirs] = await both.ask(sql);
    expect(ours).toEqual(theirs);
  });

  const generated = { plainQuery, groupedQuery, setQuery, windowQuery };
  test.each(Object.entries(generated))(
    'random: %s',
    async (_, query) => {
      await fc.assert(
        fc.asyncProperty(query, async (sql) => {
          const [ours, theirs] = await both.ask(sql);
          expect(ours).toEqual(theirs);
        }),
        { seed: 20_211_116, numRuns: RUNS },
      );
    },
    120_000,
  );
});
