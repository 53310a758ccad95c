import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesDir } from '../../support/shared';
import { type DdlEngine, openDdlEngine } from './engine';

/** What CockroachDB showed for the sample databases, run here, shows the same text again. */

/** Refused, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['alltypes/public.idx_kinds', 'USING HASH'],
  ['alltypes/public.mat', 'reads idx_kinds'],
]);

const SETUP: { readonly [database: string]: string } = {
  bank: `CREATE SCHEMA archive; CREATE TYPE status AS ENUM ('open', 'closed')`,
  alltypes: `CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE other.color AS ENUM ('red', 'blue')`,
  movr: 'SELECT 1',
};

interface Sample {
  readonly name: string;
  readonly relation: string;
  readonly text: string;
}

function samples(database: string): Sample[] {
  const folder = join(fixturesDir, 'expected', database);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.create.sql'))
    .map((file) => {
      const [schema = '', ...rest] = file.slice(0, -'.create.sql'.length).split('.');
      const name = rest.join('.');
      return {
        name: `${database}/${schema}.${name}`,
        relation: `${schema}."${name}"`,
        text: readFileSync(join(folder, file), 'utf8').trimEnd(),
      };
    });
}

describe.each(Object.keys(SETUP))('%s', (database) => {
  let engine: DdlEngine;
  const failures = new Map<string, string>();
  const all = samples(database);

  beforeAll(async () => {
    engine = await openDdlEngine();
    await engine.run(`CREATE DATABASE ${database}; SET database = ${database}`);
    const setup = SETUP[database] ?? '';
    if (setup.startsWith('CREATE')) await engine.run(setup);
    // What refers to others comes after them: again until nothing more succeeds.
    let left = all;
    for (let before = Number.POSITIVE_INFINITY; left.length < before; ) {
      before = left.length;
      const failed: Sample[] = [];
      for (const sample of left) {
        const answer = await engine.run(sample.text);
        if (!answer.startsWith('ERROR')) continue;
        failures.set(sample.name, answer);
        failed.push(sample);
      }
      left = failed;
    }
    for (const sample of all) if (!left.includes(sample)) failures.delete(sample.name);
  });
  afterAll(async () => {
    await engine?.close();
  });

  test('there is something to try', () => expect(all.length).toBeGreaterThan(4));

  test.each(all.map((sample) => [sample.name, sample] as const))('%s', async (name, sample) => {
    if (REFUSED.has(name)) {
      expect(failures.get(name)).toMatch(/^ERROR (0A000|42P01)/);
      return;
    }
    expect(failures.get(name)).toBeUndefined();
    expect(await engine.show(sample.relation)).toBe(sample.text);
  });
});
