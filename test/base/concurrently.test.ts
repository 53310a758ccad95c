import { mapConcurrently } from '../../base/concurrently';

describe('mapConcurrently', () => {
  test('results are in the order of their items, whichever comes first', async () => {
    const releases: (() => void)[] = [];
    const mapped = mapConcurrently(['a', 'b', 'c'], 3, async (item, index) => {
      await new Promise<void>((resolve) => {
        releases[index] = resolve;
      });
      return `${item}${index}`;
    });
    for (const index of [2, 0, 1]) releases[index]?.();
    expect(await mapped).toEqual(['a0', 'b1', 'c2']);
  });

  test('no more calls than the limit are under way', async () => {
    let running = 0;
    let most = 0;
    await mapConcurrently([...Array(20).keys()], 3, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    });
    expect(most).toBe(3);
  });

  test('after a failure nothing begins, and what is under way ends first', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const mapped = mapConcurrently([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      for (let turn = 0; turn < (item === 0 ? 3 : 1); turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      ended.push(item);
      throw new Error(`item ${item}`);
    });
    await expect(mapped).rejects.toThrow('item 0'); // item 1 failed before
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1, 0]);
  });

  test('without items it calls nothing', async () => {
    expect(await mapConcurrently([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
  });
});
