import { quoteIdentifier, quoteLiteral, quoteQualified } from '../../catalog/identifiers';

test.each([
  ['id', 'id'],
  ['ünï', 'ünï'],
  ['_a1$', '_a1$'],
  ['Upper', '"Upper"'],
  ['1st', '"1st"'],
  ['with space', '"with space"'],
  ['select', '"select"'],
  ['primary', '"primary"'],
  ['int8', 'int8'],
  // CockroachDB's grammar reads no column in these words.
  ['authorization', '"authorization"'],
  ['family', '"family"'],
  ['visible', '"visible"'],
  ['a"b', '"a""b"'],
  ['', '""'],
])('name %s', (name, quoted) => expect(quoteIdentifier(name)).toBe(quoted));

test('a qualified name quotes each part by itself', () => {
  expect(quoteQualified(['public', 'Quoted Name'])).toBe('public."Quoted Name"');
});

test.each([
  ['plain', `'plain'`],
  [`it's`, `e'it\\'s'`],
  ['a\\b', `e'a\\\\b'`],
  ['a\nb', `e'a\\nb'`],
  ['\x01', `e'\\x01'`],
  ['naïve', `'naïve'`],
])('literal %j', (text, quoted) => expect(quoteLiteral(text)).toBe(quoted));
