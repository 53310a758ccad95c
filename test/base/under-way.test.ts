import { UnderWay } from '../../base/under-way';

test('what is done is under way no more', async () => {
  const under = new UnderWay();
  let end = (): void => undefined;
  under.add(new Promise((resolve) => (end = resolve)));
  under.add(Promise.resolve());
  await under.less();
  expect(under.count).toBe(1);
  end();
  await under.all();
  expect(under.count).toBe(0);
  await under.all();
});

test('what has failed stays, and is told to each who asks', async () => {
  const under = new UnderWay();
  under.add(Promise.reject(new Error('disk full')));
  under.add(Promise.resolve());
  await expect(under.all()).rejects.toThrow('disk full');
  expect(under.count).toBe(1);
  await expect(under.less()).rejects.toThrow('disk full');
  await expect(under.all()).rejects.toThrow('disk full');
});
