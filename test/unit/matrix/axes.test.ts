import { describe, expect, it } from 'vitest';
import { cellLabel, parseAxis, productOf } from '../../../src/matrix/axes.ts';

describe('--over', () => {
  it.each([
    ['synchronous=off, on', 'synchronous', 'cluster.synchronous', ['off', 'on']],
    [
      'Synchronous_Commit=on',
      'Synchronous_Commit',
      'cluster.parameters.synchronous_commit',
      ['on'],
    ],
    ['cluster.patroni.ttl=20,30', 'cluster.patroni.ttl', 'cluster.patroni.ttl', ['20', '30']],
    ['faults.0.for=5s', 'faults.0.for', 'faults.0.for', ['5s']],
  ])('%s is a path in the scenario', (text, key, path, values) => {
    expect(parseAxis(text)).toEqual({ key, path, values });
  });

  it.each([
    ['synchronous', 'write it as KEY=v1,v2, like synchronous=off,on'],
    ['=off', 'write it as KEY=v1,v2, like synchronous=off,on'],
    ['synchronous=', 'has an empty value'],
    ['synchronous=off,,on', 'has an empty value'],
    ['synchronous=off,on,off', "has 'off' twice"],
    ['expect.lost=0', 'a cell is judged by what its settings promise, not by `expect`'],
  ])('%s is refused', (text, what) => {
    expect(() => parseAxis(text)).toThrow(`--over ${text}: ${what}`);
  });

  it.each([
    ['synchronus_commit=on', "unknown key 'synchronus_commit'; did you mean 'synchronous_commit'?"],
    ['name=a', "unknown key 'name'. Use"],
    ['auto_explain.log_min_duration=1', "unknown key 'auto_explain.log_min_duration'. Use"],
  ])('%s is not a key, and Patroni would silently ignore it', (text, what) => {
    expect(() => parseAxis(text)).toThrow(what);
  });
});

describe('the product', () => {
  it('has every combination once, the last key changing fastest', () => {
    const axes = [parseAxis('synchronous=off,on'), parseAxis('fsync=on,off')];
    const cells = productOf(axes);
    expect(cells.map(({ values }) => cellLabel(axes, values))).toEqual([
      'synchronous=off fsync=on',
      'synchronous=off fsync=off',
      'synchronous=on fsync=on',
      'synchronous=on fsync=off',
    ]);
    expect(cells[1]?.set).toEqual(['cluster.synchronous=off', 'cluster.parameters.fsync=off']);
  });

  it('accepts 200 cells and not one more', () => {
    const axis = (count: number) => ({
      key: 'load.clients',
      path: 'load.clients',
      values: Array.from({ length: count }, (_, index) => String(index + 1)),
    });
    expect(productOf([axis(200)])).toHaveLength(200);
    expect(() => productOf([axis(201)])).toThrow('201 cells; a matrix has at most 200');
  });

  it('refuses one setting under two names', () => {
    const axes = [parseAxis('synchronous=off'), parseAxis('cluster.synchronous=on')];
    expect(() => productOf(axes)).toThrow('cluster.synchronous is there twice');
  });
});
