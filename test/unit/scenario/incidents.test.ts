import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { cureOf, readIncidents } from '../../../src/scenario/incidents.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { readScenarioFile } from '../../../src/scenario/read.ts';
import { scenarioText } from '../../helpers/scenario-registry.ts';

const registry = await loadRegistry();
const folder = new URL('../../../scenarios/incidents/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''));

test.each(names)(
  'the incident %s is planned as reported and, if it has one, with its cure',
  async (name) => {
    const file = `scenarios/incidents/${name}.yaml`;
    const reported = await readScenarioFile(file, { registry });
    expect(planScenario(reported, { seed: 1, registry }).scenario.name).toBe(name);
    const incident = (await readIncidents(registry)).find((each) => each.name === name)!;
    if (incident.cure.length === 0) return;
    const cured = await readScenarioFile(file, { registry, set: incident.cure });
    expect(planScenario(cured, { seed: 1, registry }).scenario).not.toEqual(
      planScenario(reported, { seed: 1, registry }).scenario,
    );
    // What passes anyway needs no cure, and a cure is none that changes the demands.
    expect(incident.ends).toBe('fail');
    expect(cured.expect).toEqual(reported.expect);
  },
);

test.each(names)(
  'the header of %s says what happens, what to change, and what was seen',
  (name) => {
    const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\.json\n/);
    for (const part of [
      ...['What happens:', 'Why it is hard:', 'What it does not cover:', 'To be safe:'],
      ...['Seen on', 'Source:'],
    ]) {
      expect(text).toContain(part);
    }
  },
);

test('incidents come by symptom', async () => {
  const found = (await readIncidents(registry)).map(({ symptom }) => symptom);
  expect(found).toEqual(found.toSorted((a, b) => a.localeCompare(b)));
  expect(found).toContain('writes hang');
});

test('--cure is refused where the file has no cure', async () => {
  await expect(cureOf('partition-5s')).rejects.toThrow(
    '--cure: scenarios/partition-5s.yaml has no key cure: nothing would be changed',
  );
  expect(await cureOf('scenarios/incidents/remote-apply-stuck.yaml')).toEqual([
    'cluster.parameters.synchronous_commit="on"',
  ]);
});

test.each([
  ['incident: { symptom: x, reports: [a], ends: maybe }', 'incident.ends'],
  ['incident: { symptom: x, reports: [], ends: pass }', 'incident.reports'],
  ['incident: { sympton: x, reports: [a], ends: pass }', "unknown key 'sympton'"],
  ['cure: { load.rate: [1] }', 'cure'],
  ['cure: {}', 'must change something'],
])('%s is refused at its place', (line, why) => {
  const parse = () => parseScenario(scenarioText(line), { file: 'x.yaml', registry });
  expect(parse).toThrow(/^x\.yaml:5:\d+: /);
  expect(parse).toThrow(why);
});
