import { KnownObjects } from '../../../storage/external/objects/known-objects';

const MIB = 1 << 20;
const objectWith = (headBytes: number) => ({
  stat: { sizeBytes: headBytes, version: 'v' },
  head: Buffer.alloc(headBytes),
});

describe('what is known of objects', () => {
  test('first bytes are held up to a sum, and make room when nobody has their object open', () => {
    const objects = new KnownObjects();
    const [a, b] = [objects.holder('a'), objects.holder('b')];
    for (let i = 0; i < 8; i++) {
      const reserved = a.reserveHead();
      expect(reserved).toBe(4 * MIB);
      a.hold(`k${i}`, objectWith(4 * MIB));
      a.releaseHead(reserved);
    }
    expect(b.reserveHead()).toBe(0);
    a.close();
    for (let i = 0; i < 8; i++) expect(b.reserveHead()).toBe(4 * MIB);
    expect(b.reserveHead()).toBe(0);
  });

  test('what was reserved and not used can be used by others', () => {
    const holder = new KnownObjects().holder('a');
    for (let i = 0; i < 100; i++) holder.releaseHead(holder.reserveHead());
    expect(holder.reserveHead()).toBe(4 * MIB);
  });

  test('an object that was not so final gives its room back', () => {
    const holder = new KnownObjects().holder('a');
    for (let i = 0; i < 8; i++) holder.hold(`k${i}`, objectWith(4 * MIB));
    expect(holder.reserveHead()).toBe(0);
    holder.forget('k3');
    expect(holder.find('k3')).toBeUndefined();
    expect(holder.reserveHead()).toBe(4 * MIB);
  });

  test('an object stays known for as long as anyone has it open', () => {
    const objects = new KnownObjects();
    const [a, b] = [objects.holder('same'), objects.holder('same')];
    const first = a.hold('k', objectWith(1));
    expect(b.hold('k', objectWith(1))).toBe(first);
    a.close();
    expect(b.find('k')).toBe(first);
    b.close();
    expect(b.find('k')).toBeUndefined();
  });
});
