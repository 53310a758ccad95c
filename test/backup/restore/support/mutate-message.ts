/** One field of a decoded message, wherever it is nested, and what may be put in its place. */
interface Slot {
  readonly path: string;
  change(random: (below: number) => number): void;
}

const NUMBERS = [0, 1, 29, 50, 52, 53, 0xff, 2 ** 31 - 1];
const BIGINTS = [0n, 1n, -1n, 1n << 62n, -(1n << 63n)];
const TEXTS = ['', 'x', 'status', "'", '@100053', `x'80':::@100053`, 'a'.repeat(5000)];

const pick = <T>(from: readonly T[], random: (below: number) => number): T =>
  from[random(from.length)] as T;

/**
 * Changes one field of a decoded protobuf message to another value of its type: a number, a text, a list without one of its
 * members. @returns the path of the field
 */
export function mutateMessage(message: object, random: (below: number) => number): string {
  const slots: Slot[] = [];
  collect(message as Record<string, unknown>, '', slots);
  const slot = pick(slots, random);
  slot.change(random);
  return slot.path;
}

function collect(message: Record<string, unknown>, prefix: string, slots: Slot[]): void {
  for (const [key, value] of Object.entries(message)) {
    if (key.startsWith('$') || key === 'case') continue;
    const path = `${prefix}.${key}`;
    const set = (next: unknown): void => {
      message[key] = next;
    };
    if (Array.isArray(value)) collectList(value, path, slots);
    else if (value instanceof Uint8Array) {
      slots.push({ path, change: (random) => set(value.slice(0, random(value.length + 1))) });
      slots.push({ path, change: (random) => set(flipped(value, random)) });
    } else if (typeof value === 'object' && value !== null) {
      collect(value as Record<string, unknown>, path, slots);
      if (!path.endsWith('.union.value')) slots.push({ path, change: () => delete message[key] });
    } else if (typeof value === 'number') {
      slots.push({ path, change: (random) => set(pick([...NUMBERS, value + 1], random)) });
    } else if (typeof value === 'bigint') {
      slots.push({ path, change: (random) => set(pick([...BIGINTS, value + 1n], random)) });
    } else if (typeof value === 'boolean') slots.push({ path, change: () => set(!value) });
    else if (typeof value === 'string') {
      slots.push({ path, change: (random) => set(pick(TEXTS, random)) });
    }
  }
}

function collectList(list: unknown[], path: string, slots: Slot[]): void {
  slots.push({
    path,
    change(random) {
      const at = random(Math.max(1, list.length));
      if (random(2) === 0) list.splice(at, 1);
      else if (list.length > 0) list.splice(at, 0, list[random(list.length)]);
    },
  });
  list.forEach((member, i) => {
    if (typeof member === 'object' && member !== null && !(member instanceof Uint8Array)) {
      collect(member as Record<string, unknown>, `${path}[${i}]`, slots);
    } else if (typeof member === 'number') {
      slots.push({
        path: `${path}[${i}]`,
        change(random) {
          list[i] = pick([...NUMBERS, member + 1], random);
        },
      });
    }
  });
}

function flipped(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) {
    const at = random(copy.length);
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << random(8)), at);
  }
  return copy;
}
