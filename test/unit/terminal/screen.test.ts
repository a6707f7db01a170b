import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { tell } from '../../../src/std/output.ts';
import { openScreen, type ScreenStream } from '../../../src/terminal/screen.ts';

test('a line printed during the live view is written above it, and the view is redrawn', async () => {
  const registry = await loadRegistry();
  const text = 'name: x\nclaim: It is a test.\nload: { duration: 10s }\n';
  const scenario = parseScenario(text, { file: 'x.yaml', registry });
  const plan = planScenario(scenario, { seed: 1, backend: 'local', registry });
  const stream = Object.assign(new PassThrough(), { columns: 80, rows: 24, isTTY: true });
  using screen = openScreen(plan, stream as unknown as ScreenStream, false);
  screen.event({ type: 'phase', phase: 'load', edge: 'begin' });
  screen.log('first');
  stream.read();
  tell('\nSIGINT: healing and cleaning up\n');
  const written = (stream.read() as Buffer).toString();
  const at = written.indexOf('SIGINT: healing and cleaning up\n');
  // The view is removed first, and redrawn below the line.
  expect(written.slice(0, at)).toContain('\u001b[');
  expect(written.slice(at)).toContain('load, seed 1');
  screen.log(`waiting until ${'there is a leader '.repeat(5)}`);
  const lines = stripVTControlCharacters((stream.read() as Buffer).toString()).split('\n');
  expect(lines.filter((line) => /^.{81}/.test(line))).toEqual([]);
});
