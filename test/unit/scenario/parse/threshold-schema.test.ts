import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';
import { scenarioRegistry as registry } from '../../../helpers/scenario-registry.ts';

const head = 'name: x\nclaim: It holds.\nload: { duration: 5s }\nexpect: { lost: 0 }\n';

function parsed(thresholds: string) {
  return parseScenario(`${head}thresholds: ${thresholds}\n`, { file: 'x.yaml', registry });
}

function messages(thresholds: string): string[] {
  try {
    parsed(thresholds);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('thresholds', () => {
  test('are percentages or amounts, in the direction that is worse', () => {
    const text = '{ lost: "+100", outage: +2s, throughput: -15%, verification: "-12.5 %" }';
    expect(parsed(text).thresholds).toEqual({
      lost: { amount: 100 },
      outage: { amount: 2000 },
      throughput: { percent: 15 },
      verification: { percent: 12.5 },
    });
    expect(parsed('{ outage: +250% }').thresholds).toEqual({ outage: { percent: 250 } });
  });

  test('a scenario without any has none', () => {
    const scenario = parseScenario(head, { file: 'x.yaml', registry });
    expect('thresholds' in scenario).toBe(false);
  });

  test.each([
    [
      '{ outage: 20% }',
      `x.yaml:5:23: thresholds.outage: must say how much worse is allowed, like "+20%" or "+2s", not '20%'`,
    ],
    [
      '{ outage: -20% }',
      `x.yaml:5:23: thresholds.outage: must say how much worse is allowed, like "+20%" or "+2s", not '-20%': that would be better`,
    ],
    [
      '{ throughput: -15 }',
      `x.yaml:5:27: thresholds.throughput: must say how much worse is allowed, like "-15%", not -15`,
    ],
    ['{ throughput: -150% }', 'x.yaml:5:27: thresholds.throughput: must be at most -100%'],
    ['{ outages: +20% }', "x.yaml:5:15: thresholds: unknown key 'outages'; did you mean 'outage'?"],
    ['+20%', "x.yaml:5:13: thresholds: must be a mapping of keys to values, not '+20%'"],
  ])('%s is refused with its position', (text, message) => {
    expect(messages(text)).toEqual([message]);
  });
});
