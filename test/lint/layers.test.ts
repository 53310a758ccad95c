import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { repoRoot } from '../support/shared';

/** Lowest first. A file may import its own layer and those before it. */
const LAYERS = ['base', 'storage', 'catalog', 'jobs', 'backup', 'sql', 'server'] as const;

const layerOf = (path: string): number => LAYERS.findIndex((layer) => path.startsWith(`${layer}/`));

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:from|import|require)\s*\(?\s*'(\.[^']*)'/g);
  return [...found].map((match) => relative(repoRoot, resolve(file, '..', match[1] ?? '')));
}

const files = LAYERS.flatMap((layer) => [...sources(join(repoRoot, layer))]).map((path) =>
  relative(repoRoot, path),
);

test('there are sources in every layer', () => {
  for (const layer of LAYERS) expect(files.some((file) => file.startsWith(`${layer}/`))).toBe(true);
});

test('imports point down only', () => {
  const upward = files.flatMap((file) =>
    importsOf(join(repoRoot, file))
      .filter((target) => layerOf(target) === -1 || layerOf(target) > layerOf(file))
      .map((target) => `${file} imports ${target}`),
  );
  expect(upward).toEqual([]);
});

test('no file is longer than 600 lines, generated code and tables aside', () => {
  const long = files
    .filter((file) => !/\/gen\//.test(file) && !/table\.ts$/.test(file))
    .filter((file) => readFileSync(join(repoRoot, file), 'utf8').split('\n').length > 600);
  expect(long).toEqual([]);
});

test('every folder of the map has a README', () => {
  for (const layer of LAYERS) {
    expect(readFileSync(join(repoRoot, layer, 'README.md'), 'utf8').length).toBeGreaterThan(80);
  }
});

test('no two decisions share a number, and each names its own', () => {
  const folder = join(repoRoot, 'docs', 'decisions');
  const numbers = readdirSync(folder).map((name) => name.slice(0, 4));
  expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([]);
  for (const name of readdirSync(folder)) {
    const [title] = readFileSync(join(folder, name), 'utf8').split('\n');
    expect(title?.startsWith(`# ${name.slice(0, 4)} `)).toBe(true);
  }
});

test('documents that are linked or named are there', () => {
  const texts = [...files, 'README.md', 'docs/compatibility.md', 'bench/README.md'];
  const missing = texts.flatMap((file) =>
    [...readFileSync(join(repoRoot, file), 'utf8').matchAll(/docs\/[a-z]+\/[a-z0-9-]+\.md/g)]
      .map(([path]) => path)
      .filter((path) => !existsSync(join(repoRoot, path)))
      .map((path) => `${file} names ${path}`),
  );
  expect(missing).toEqual([]);
});
