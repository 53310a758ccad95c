import { parseHostRules } from '../../sql/cluster-settings/host-rules';

const ask = (text: string, user: string, address = '10.1.2.3', isEncrypted = true) =>
  parseHostRules(text).methodFor({ user, address, isEncrypted });

test('by default everybody proves who they are', () => {
  expect(ask('', 'ann')).toBe('cert-password');
  expect(ask('# nothing\n\n', 'ann')).toBe('cert-password');
});

test('root gets in, whatever is configured', () => {
  expect(ask('host all all all reject', 'root')).toBe('cert-password');
});

test('the first rule that fits counts; none fits, nobody gets in', () => {
  const rules = `
    # TYPE  DATABASE USER        ADDRESS                METHOD
    host    all      ann, "All"  10.0.0.0/8             trust   # colleagues
    hostssl all      ann         all                    password
    hostnossl all    all         192.168.1.0 255.255.255.0  reject
    host    all      Bob         ::1/128                cert
    local   all      all                                password
    host    all      all         192.168.0.0/16         CERT-PASSWORD`;
  expect(ask(rules, 'ann')).toBe('trust');
  expect(ask(rules, 'all')).toBe('trust');
  expect(ask(rules, 'ann', '11.0.0.1')).toBe('password');
  expect(ask(rules, 'ann', '11.0.0.1', false)).toBeUndefined();
  expect(ask(rules, 'ann', '::ffff:10.0.0.1')).toBe('trust');
  expect(ask(rules, 'bob', '::1')).toBe('cert');
  expect(ask(rules, 'bob', '::2')).toBeUndefined();
  expect(ask(rules, 'x', '192.168.1.9', false)).toBe('reject');
  expect(ask(rules, 'x', '192.168.1.9', true)).toBe('cert-password');
  expect(ask(rules, 'x', '192.168.2.9', false)).toBe('cert-password');
  expect(ask(rules, 'x', '')).toBeUndefined();
});

test.each([
  ['host', 'line 1: the rule is not complete'],
  ['host all all all', 'line 1: the rule is not complete'],
  ['\nhots all all all trust', 'line 2: unknown record type "hots"'],
  ['host all all all gss', 'line 1: unknown auth method "gss"'],
  ['host all all all trust map=x', 'line 1: options are not supported'],
  ['host movr all all trust', 'rules for some databases are not supported'],
  ['host "all" all all trust', 'rules for some databases are not supported'],
  ['host all all example.com trust', 'names of hosts are not supported'],
  ['host all all "all" trust', 'names of hosts are not supported'],
  ['host all all 10.0.0.0/33 trust', 'invalid CIDR address: 10.0.0.0/33'],
  ['host all all 10.0.0.0 255.0.255.0 trust', 'invalid IP mask'],
  ['host all all 10.0.0.0 trust', 'invalid IP mask "trust"'],
  ['host all "ann all trust', 'a quote is not closed'],
  ['host all ann, all,', 'a comma stands at the end'],
])('%j is refused', (text, message) => {
  expect(() => parseHostRules(text)).toThrow(message);
});
