import { loadRegistryForPlans } from '../registry.ts';
import { type Incident, readIncidents } from '../scenario/incidents.ts';
import { print } from '../std/output.ts';
import type { CommandHost } from './support/command-host.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';

const endWords: Readonly<Record<Incident['ends'], string>> = {
  pass: 'passes',
  fail: 'fails as reported',
  knownDefect: 'ends as knownDefect',
};

export function incidentsCommand({ program }: CommandHost): void {
  program
    .command('incidents')
    .description('list the scenarios that repeat public incidents, by symptom')
    .argument('[words...]', 'only those that contain these words')
    .option(...jsonOption)
    .action(async (words: readonly string[], { json }: JsonArguments) => {
      const all = await readIncidents(await loadRegistryForPlans());
      const found = all.filter((incident) => words.every((word) => has(incident, word)));
      if (json) printJson({ incidents: found });
      else print(found.length === 0 ? 'no incident has these words\n' : listed(found));
    });
}

function has({ name, claim, symptom, reports }: Incident, word: string): boolean {
  return [name, claim, symptom, ...reports].join(' ').toLowerCase().includes(word.toLowerCase());
}

function listed(incidents: readonly Incident[]): string {
  const symptoms = [...new Set(incidents.map(({ symptom }) => symptom))];
  const blocks = symptoms.map((symptom) => {
    const those = incidents.filter((incident) => incident.symptom === symptom);
    return [symptom, ...those.map(entry)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function entry({ claim, file, reports, ends, cure }: Incident): string {
  const cured = cure.length > 0 ? `; with --cure it passes: ${cure.join(', ')}` : '';
  return [
    `  ${claim}`,
    `    ${reports.join(', ')}: ${endWords[ends]}${cured}`,
    `    npm run scenario ${file}${cure.length > 0 ? '   # or: -- --cure' : ''}`,
  ].join('\n');
}
