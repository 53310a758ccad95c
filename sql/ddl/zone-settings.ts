import { SqlError } from '../../base/errors';
import { ZONE_FIELDS, type ZoneConfig, type ZoneField } from '../../catalog/zones';
import type { ZoneSetting } from '../parse/alter-ast';

/** What CONFIGURE ZONE USING may set, and to what. */

interface Read {
  readonly value: string;
  /** Constraints that some node has to meet. */
  readonly required: readonly string[];
  /** Replicas that constraints ask for. */
  readonly replicas: number;
}

const plain = (value: string): Read => ({ value, required: [], replicas: 0 });

type Reader = (value: Exclude<ZoneSetting['value'], null>, name: string) => Read;

const int: Reader = (value, name) => {
  if (value.kind === 'int') return plain(value.text);
  throw new SqlError(
    'invalidParameterValue',
    `expected type int for zone config parameter "${name}"`,
  );
};

const bool: Reader = (value, name) => {
  if (value.kind === 'bool') return plain(value.text);
  throw new SqlError(
    'invalidParameterValue',
    `expected type bool for zone config parameter "${name}"`,
  );
};

const unparsed = (text: string): SqlError =>
  new SqlError('invalidParameterValue', `could not parse zone config constraints "${text}"`);

/** `[+a, -b]` or `{"+a": 1, "+b,+c": 2}`. */
const constraints: Reader = ({ text: given }) => {
  const text = given.trim();
  if (text.startsWith('[') && text.endsWith(']')) {
    const items = listOf(text);
    for (const item of items) checkConstraint(item);
    return { value: `[${items.join(', ')}]`, required: items.filter(isRequired), replicas: 0 };
  }
  if (!text.startsWith('{') || !text.endsWith('}')) throw unparsed(text);
  const pairs = [...text.slice(1, -1).matchAll(PAIR)];
  const rest = text.slice(1, -1).replace(PAIR, '').replace(/[\s,]/g, '');
  if (rest !== '') throw unparsed(text);
  const entries = pairs.map((pair) => ({
    items: (pair[1] ?? pair[2] ?? pair[3] ?? '').split(',').map((item) => item.trim()),
    count: Number(pair[4]),
  }));
  for (const item of entries.flatMap((entry) => entry.items)) checkConstraint(item);
  const shown = entries.map(({ items, count }) => {
    const key = items.join(',');
    return `${items.length > 1 ? `"${key}"` : key}: ${count}`;
  });
  return {
    value: `{${shown.join(', ')}}`,
    required: entries.flatMap((entry) => entry.items).filter(isRequired),
    replicas: entries.reduce((sum, entry) => sum + entry.count, 0),
  };
};

const PAIR = /(?:"([^"]*)"|'([^']*)'|([+-][^:,{}"'\s]+))\s*:\s*(\d+)/g;

const isRequired = (item: string): boolean => item.startsWith('+');

function listOf(text: string): string[] {
  const inner = text.slice(1, -1).trim();
  if (inner === '') return [];
  return inner.split(',').map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2'));
}

function checkConstraint(item: string): void {
  if (/^[+-][^\s"'[\]{}]+$/.test(item)) return;
  throw new SqlError(
    'checkViolation',
    "could not validate zone config: constraints must either be required (prefixed with a '+') or prohibited (prefixed with a '-')",
  );
}

/** `[[+a], [-b, +c]]`. */
const preferences: Reader = ({ text: given }) => {
  const text = given.trim();
  if (!text.startsWith('[') || !text.endsWith(']')) throw unparsed(text);
  const inner = text.slice(1, -1);
  const lists = inner.match(/\[[^[\]]*\]/g) ?? [];
  if (inner.replace(/\[[^[\]]*\]/g, '').replace(/[\s,]/g, '') !== '') throw unparsed(text);
  const items = lists.map(listOf);
  for (const item of items.flat()) checkConstraint(item);
  return {
    value: `[${items.map((list) => `[${list.join(', ')}]`).join(', ')}]`,
    required: items.flat().filter(isRequired),
    replicas: 0,
  };
};

const READERS: { readonly [F in ZoneField]: Reader } = {
  range_min_bytes: int,
  range_max_bytes: int,
  'gc.ttlseconds': int,
  global_reads: bool,
  num_replicas: int,
  num_voters: int,
  constraints,
  voter_constraints: constraints,
  lease_preferences: preferences,
};

const isField = (name: string): name is ZoneField =>
  (ZONE_FIELDS as readonly string[]).includes(name);

/**
 * The zone's own values after the statement.
 * @param own before; @param parent what COPY FROM PARENT copies
 * @param isMet whether some node fits a constraint such as `+region=a`
 * @throws SqlError invalidParameterValue (22023), checkViolation (23514)
 */
export function withSettings(
  own: ZoneConfig,
  parent: ZoneConfig,
  settings: readonly ZoneSetting[],
  isMet: (item: string) => boolean,
): ZoneConfig {
  const made: { [F in ZoneField]?: string } = { ...own };
  const seen = new Set<string>();
  for (const { name, value } of settings) {
    if (!isField(name)) {
      throw new SqlError('invalidParameterValue', `unsupported zone config parameter: "${name}"`);
    }
    if (seen.has(name)) {
      throw new SqlError('invalidParameterValue', `duplicate zone config parameter: "${name}"`);
    }
    seen.add(name);
    if (value === null) {
      const copied = parent[name];
      if (copied !== undefined) made[name] = copied;
      continue;
    }
    const read = READERS[name](value, name);
    for (const item of read.required) if (!isMet(item)) refuseUnmet(item);
    made[name] = read.value;
  }
  validate({ ...parent, ...made });
  return made;
}

function refuseUnmet(item: string): never {
  throw new SqlError(
    'checkViolation',
    `constraint "${item}" matches no existing nodes within the cluster - did you enter it correctly?`,
  );
}

const RANGE_MAX_BYTES_MIN = 67_108_864n;

/** @throws SqlError checkViolation (23514) */
function validate(config: ZoneConfig): void {
  const problem = problemOf(config);
  if (problem === undefined) return;
  throw new SqlError('checkViolation', `could not validate zone config: ${problem}`);
}

function problemOf(config: ZoneConfig): string | undefined {
  const number = (field: ZoneField): bigint => BigInt(config[field] ?? '0');
  const replicas = number('num_replicas');
  if (replicas <= 0n) return 'at least one replica is required';
  if (replicas === 2n) return 'at least 3 replicas are required for multi-replica configurations';
  const [min, max] = [number('range_min_bytes'), number('range_max_bytes')];
  if (max < RANGE_MAX_BYTES_MIN) {
    return `RangeMaxBytes ${max} less than minimum allowed ${RANGE_MAX_BYTES_MIN}`;
  }
  if (min < 0n) return `RangeMinBytes ${min} less than minimum allowed 0`;
  if (min >= max) return `RangeMinBytes ${min} is greater than or equal to RangeMaxBytes ${max}`;
  const ttl = number('gc.ttlseconds');
  if (ttl < 1n) return `GC.TTLSeconds ${ttl} less than minimum allowed 1`;
  if (config.num_voters !== undefined) {
    const voters = number('num_voters');
    if (voters <= 0n) return 'at least one voting replica is required';
    if (voters > replicas) return 'num_voters cannot be greater than num_replicas';
  } else if (config.voter_constraints !== undefined && config.voter_constraints !== '[]') {
    return 'when voter_constraints are set, num_voters must be set as well';
  }
  return undefined;
}
