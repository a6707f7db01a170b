import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../src/std/errors.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { loadRegistry } from '../../../../src/registry.ts';

const registry = await loadRegistry();

function parse(load: string) {
  const text = `name: x\nclaim: y.\nload: { workload: records, duration: 1s, ${load} }\n`;
  return parseScenario(text, { file: 'x.yaml', registry, set: [] }).load;
}

function problemOf(load: string): string {
  try {
    parse(load);
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    return (error as Error).message;
  }
  return 'none';
}

describe('a mix with reads', () => {
  test('is split into the shares of writes and the share of reads', () => {
    const { mix, clientReads } = parse('mix: { insert: 40, update: 20, delete: 20, read: 20 }');
    expect(mix).toEqual({ insert: 0.5, update: 0.25, delete: 0.25 });
    expect(clientReads).toEqual({ share: 0.2, from: 'connection' });
    expect(parse('mix: { insert: 1, read: 3 }, readFrom: replica').clientReads).toEqual({
      share: 0.75,
      from: 'replica',
    });
    expect(parse('mix: { insert: 1, read: 0 }').clientReads).toBeUndefined();
  });
});

describe('a mix that makes no sense is refused with its position and what to write instead', () => {
  test.each([
    ['mix: { insert: 0, read: 0 }', 'x.yaml:3:47: load.mix: must not be all zero'],
    [
      'mix: { read: 100 }',
      'x.yaml:3:47: load.mix: writes nothing, so there is nothing to judge: write mix: { insert: 10, read: 100 }',
    ],
    [
      'mix: { update: 80, read: 20 }',
      'x.yaml:3:47: load.mix: has no inserts, and clients update rows that they inserted themselves: write mix: { insert: 20, update: 80, read: 20 }',
    ],
    [
      'mix: { delete: 100 }',
      'x.yaml:3:47: load.mix: has no inserts, and clients delete rows that they inserted themselves: write mix: { insert: 100, delete: 100 }',
    ],
    [
      'mix: { insert: 20, delete: 80 }',
      'x.yaml:3:47: load.mix: deletes more rows than it inserts, so many deletes would find none: write insert: 80 or more, or delete: 20 or less',
    ],
    [
      'mix: { insert: 10, delete: 90 }, batch: 4',
      'x.yaml:3:47: load.mix: deletes more rows than it inserts, so many deletes would find none: write insert: 22.5 or more, or delete: 40 or less',
    ],
    [
      'readFrom: replica',
      'x.yaml:3:52: load.readFrom: is without effect: give reads a share, as `mix: { insert: 80, read: 20 }`',
    ],
  ])('%s', (load, message) => {
    expect(problemOf(load)).toBe(message);
  });

  test('and so is one with reads of a workload that has none', () => {
    const text = 'name: x\nclaim: y.\nload: { duration: 1s, mix: { insert: 80, read: 20 } }\n';
    expect(() => parseScenario(text, { file: 'x.yaml', registry, set: [] })).toThrow(
      "x.yaml:3:48: load.mix.read: the workload 'ledger' has no reads: leave it out, or use one that has, such as records",
    );
  });

  test('and so is one with reads that every replica would refuse', () => {
    const load =
      'workload: records, unlogged: true, duration: 1s, mix: { insert: 80, read: 20 }, readFrom: replica';
    const text = `name: x\nclaim: y.\nload: { ${load} }\n`;
    expect(() => parseScenario(text, { file: 'x.yaml', registry, set: [] })).toThrow(
      'load.readFrom: replicas have nothing of an unlogged table, and refuse to read it: leave it out',
    );
  });

  test('but a batch may be deleted row by row', () => {
    expect(problemOf('mix: { insert: 20, delete: 80 }, batch: 4')).toBe('none');
  });
});
