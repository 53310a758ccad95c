import {
  referencedTypeOids,
  replaceDatabaseQualifier,
  rewriteReferences,
} from '../../catalog/stored-expression';

const REWRITER = {
  type: (oid: number) => `T${oid}`,
  enumValue: (physical: Uint8Array, oid: number) =>
    `V${Buffer.from(physical).toString('hex')}/${oid}`,
  sequence: (id: number) => `S${id}`,
};

test.each([
  ['a type', 'c::@100053', 'c::T100053'],
  ['an enum value', `x'80':::@100053`, 'V80/100053'],
  ['an empty enum value', `x'':::@100053`, 'V/100053'],
  ['a sequence', 'nextval(53:::REGCLASS)', 'nextval(S53)'],
  ['several', `x'40':::@1 + 2:::REGCLASS::@3`, 'V40/1 + S2::T3'],
  ['nothing in a string', `'@100053 53:::REGCLASS'`, `'@100053 53:::REGCLASS'`],
  ['nothing in a string with a doubled quote', `'it''s @1'`, `'it''s @1'`],
  ['nothing in a string with an escape', `e'\\'@1'`, `e'\\'@1'`],
  ['nothing in a quoted name', '"@1"', '"@1"'],
  ['what follows a string', `'a' || @1`, `'a' || T1`],
  ['other annotations', '1:::INT8', '1:::INT8'],
])('%s is rewritten', (_, stored, expected) => {
  expect(rewriteReferences(stored, REWRITER)).toBe(expected);
});

test('without an answer the text stays', () => {
  const stored = `x'80':::@100053 = c::@100054 AND nextval(53:::REGCLASS) > 0`;
  expect(rewriteReferences(stored, {})).toBe(stored);
});

test('OIDs that an expression names', () => {
  expect(referencedTypeOids(`x'80':::@100053 = c::@100054 || '@1'`)).toEqual([100_053, 100_054]);
});

test.each([
  ['SELECT a FROM d.public.t', 'SELECT a FROM n.public.t'],
  ['SELECT a FROM d.s."Q t" JOIN e.s.t', 'SELECT a FROM n.s."Q t" JOIN e.s.t'],
  [`SELECT 'd.public.t' FROM d.public.t`, `SELECT 'd.public.t' FROM n.public.t`],
  ['SELECT x.d.public.t, bd.public.t', 'SELECT x.d.public.t, bd.public.t'],
  ['SELECT d.a FROM d', 'SELECT d.a FROM d'],
])('%s into another database', (query, expected) => {
  expect(replaceDatabaseQualifier(query, 'd', 'n')).toBe(expected);
});

test('databases whose names need quotes', () => {
  expect(replaceDatabaseQualifier('SELECT 1 FROM "My Db".public.t', 'My Db', 'n')).toBe(
    'SELECT 1 FROM n.public.t',
  );
  expect(replaceDatabaseQualifier('SELECT "d" FROM d.public.t', 'd', 'My Db')).toBe(
    'SELECT "d" FROM "My Db".public.t',
  );
});
