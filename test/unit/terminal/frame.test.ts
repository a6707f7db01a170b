import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/std/plain.ts';
import { frame } from '../../../src/terminal/frame.ts';
import { LiveState } from '../../../src/terminal/live-state.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { topologyOf } from '../../helpers/fake-cluster.ts';

const text = `
name: async-tail-loss
claim: It is a test.
load: { duration: 40s }
faults:
  - { at: 5s, id: cut, fault: partition, target: leader, from: peers }
  - { after: cut + 3s, fault: kill-node, target: leader }
`;
const registry = await loadRegistry();
const plan = planScenario(parseScenario(text, { file: 'x.yaml', registry }), {
  seed: 1,
  backend: 'local',
  registry,
});

function midway(): LiveState {
  const state = new LiveState();
  state.event({ type: 'phase', phase: 'load', edge: 'begin' }, 0);
  state.event({ type: 'load', edge: 'begin', originNs: '0' }, 1_000);
  state.event({ type: 'topology', topology: topologyOf() }, 1_100);
  state.event({ type: 'lag', bytes: { pg2: 448, pg3: 0 } }, 1_200);
  for (let atMs = 1_000; atMs <= 7_000; atMs += 250) {
    state.progress({ acknowledged: (atMs - 1_000) / 2, errors: { '57P01': 3, '': 12 } }, atMs);
  }
  state.event(
    { type: 'inject', id: 'cut', fault: 'partition', targets: ['pg1'], plannedAtMs: 5_000 },
    6_000,
  );
  return state;
}

const draw = (state: LiveState, columns: number, isColoured = false) =>
  frame(state, plan, { columns, nowMs: 7_000, isColoured });

describe('the live view', () => {
  test('continues while the load is held, and shows the nodes that clients do not reach', () => {
    const state = midway();
    state.event({ type: 'load', edge: 'held' }, 6_500);
    state.event({ type: 'reach', node: 'pg1', reach: 'silent', agoMs: 1_000 }, 6_600);
    const lines = draw(state, 80).split('\n');
    expect(lines[1]).toContain('6.0 s of 40.0 s');
    expect(lines[5]?.trimEnd()).toBe('pg1       leader    timeline 1  unreachable for clients');
    expect(lines.at(-1)?.trimEnd()).toBe('coming    kill-node#1 in 2.0 s');
    state.event({ type: 'reach', node: 'pg1', reach: 'answers', agoMs: 1 }, 6_700);
    expect(draw(state, 80)).not.toContain('unreachable');
    state.event({ type: 'load', edge: 'end' }, 6_800);
    expect(draw(state, 80)).toContain('40.0 s of 40.0 s');
  });

  test('shows phase, clock, rate, errors, nodes with lag, and faults in force and to come', () => {
    expect(
      draw(midway(), 80)
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'async-tail-loss  load, seed 1',
      `${'━'.repeat(9)}${'─'.repeat(51)}  6.0 s of 40.0 s`,
      'writes/s  ██████ 500  (3,000 acknowledged)',
      'faults        ▲   (▲ injected, △ healed)',
      'errors    no answer 12, 57P01 3',
      'pg1       leader    timeline 1',
      'pg2       replica   timeline 1  lag 448 bytes',
      'pg3       replica   timeline 1  lag 0 bytes',
      'in force  cut (pg1)',
      'coming    kill-node#1 in 2.0 s',
    ]);
  });

  test('shows lag in readable units, and none once there is no leader', () => {
    const state = midway();
    state.event({ type: 'lag', bytes: { pg2: 513_712, pg3: 0 } }, 6_500);
    expect(draw(state, 80)).toContain('pg2       replica   timeline 1  lag 513.7 kB');
    // It was read a moment after the primary.
    state.event({ type: 'lag', bytes: { pg2: -448, pg3: 0 } }, 6_520);
    expect(draw(state, 80)).toContain('pg2       replica   timeline 1  lag 0 bytes');
    // A server that is still primary but has lost its lock.
    const { leader: _, ...lockless } = topologyOf();
    state.event({ type: 'topology', topology: lockless }, 6_550);
    expect(draw(state, 80)).not.toContain('lag');
    const alone = topologyOf({ members: { pg1: { role: 'down' } } });
    state.event({ type: 'topology', topology: alone }, 6_600);
    expect(draw(state, 80)).not.toContain('lag');
  });

  test.each([20, 40, 80, 200])(
    'is never wider than %i columns less one, coloured or not',
    (columns) => {
      const state = midway();
      state.event({ type: 'problem', what: 'x'.repeat(300) }, 6_500);
      for (const isColoured of [true, false]) {
        const widths = draw(state, columns, isColoured)
          .split('\n')
          .map((line) => stripVTControlCharacters(line).length);
        expect(new Set(widths)).toEqual(new Set([Math.min(columns - 1, 96)]));
      }
    },
  );

  test('marks the times of an injection and of a heal below the rates', () => {
    const state = midway();
    state.event({ type: 'healed', id: 'cut' }, 6_900);
    const shown = frame(state, plan, { columns: 80, nowMs: 7_000, isColoured: false });
    const [rates = '', marks = ''] = shown
      .split('\n')
      .filter((line) => /^(writes|faults)/.test(line));
    expect(marks.trimEnd()).toMatch(/▲△ {2}\(▲ injected, △ healed\)$/);
    expect(marks.indexOf('△')).toBe(rates.indexOf(' ', 10) - 1);
  });

  test('has no escape code without colour, and the same words with it', () => {
    const plain = draw(midway(), 80);
    // eslint-disable-next-line no-control-regex
    expect(plain).not.toMatch(/\u001b/);
    expect(stripVTControlCharacters(draw(midway(), 80, true))).toBe(plain);
    expect(draw(midway(), 80, true)).not.toBe(plain);
  });

  test('escapes the text of a server: nothing in it moves the cursor', () => {
    expect(plain('a\u001b[2Jb\u001b]0;title\u0007c\r\nd')).toBe('abc d');
  });

  test('before the load it shows the phase and an empty bar, after it a full one', () => {
    const young = new LiveState();
    young.event({ type: 'phase', phase: 'boot', edge: 'begin' }, 0);
    expect(draw(young, 80)).toContain('async-tail-loss  boot');
    const old = midway();
    old.event({ type: 'load', edge: 'end' }, 7_000);
    expect(draw(old, 80)).toContain(`${'━'.repeat(60)}  40.0 s of 40.0 s`);
    expect(draw(old, 80)).not.toContain('coming');
  });

  test('a healed fault is no longer in force, nor still to come', () => {
    const state = midway();
    state.event({ type: 'healed', id: 'cut' }, 6_900);
    expect(draw(state, 80)).not.toContain('cut (pg1)');
    expect(draw(state, 80)).toContain('coming    kill-node#1');
  });
});
