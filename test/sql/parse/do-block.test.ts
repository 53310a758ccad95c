import { parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';

beforeAll(loadParser);

const block = (statement: string): string =>
  `DO $$ BEGIN\n ${statement};\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$`;

test.each([
  [`CREATE TYPE "public"."mood" AS ENUM('a', 'b')`],
  [
    `ALTER TABLE "a" ADD CONSTRAINT "a_b_fk" FOREIGN KEY ("b") REFERENCES "public"."b"("id") ON DELETE cascade`,
  ],
])('a guarded %s is one with IF NOT EXISTS', (statement) => {
  const withWords = statement.replace(/(TYPE|CONSTRAINT) /, '$1 IF NOT EXISTS ');
  expect(parseStatement(block(statement))).toEqual(parseStatement(withWords));
});

test('a quoted body is read as the text it stands for', () => {
  const body = block(`CREATE TYPE m AS ENUM ('a')`).slice(5, -2);
  const quoted = `DO '${body.replaceAll("'", "''")}';`;
  expect(parseStatement(quoted)).toEqual(
    parseStatement(`CREATE TYPE IF NOT EXISTS m AS ENUM ('a')`),
  );
});

test.each([
  'DO $$ BEGIN NULL; END $$',
  block('DROP TABLE t'),
  block('CREATE TYPE m AS ENUM (); DROP TABLE t'),
  "DO LANGUAGE plpgsql 'BEGIN END'",
])('%s is refused', (statement) => {
  expect(parseStatement(statement)).toEqual({ kind: 'Unsupported', what: 'DO' });
});
