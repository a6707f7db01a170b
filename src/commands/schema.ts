import { readFile, writeFile } from 'node:fs/promises';
import { ScenarioError } from '../std/errors.ts';
import { packageRoot } from '../evidence/store/run-folders.ts';
import { renderLabDefaults } from '../patroni/lab-defaults.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { renderResultSchema } from '../evidence/store/result-schema.ts';
import { renderSchema } from '../scenario/parse/json-schema.ts';
import { withCapabilityTable } from './support/capability-table.ts';
import { withParameterTable } from './support/connection-parameters.ts';
import type { CommandHost } from './support/command-host.ts';
import { print } from '../std/output.ts';

const scenarioFile = 'scenarios/schema.json';
const resultFile = 'docs/result.schema.json';
const defaultsFile = 'docs/lab-defaults.md';
const backendsFile = 'docs/backends.md';
const connectionsFile = 'docs/connections.md';

export function schemaCommand({ program }: CommandHost): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenario files, or of result.json')
    .option('--result', 'print the schema of result.json')
    .option(
      '--write',
      `write both, ${defaultsFile} and the tables in ${backendsFile} and ${connectionsFile}: ${scenarioFile} and ${resultFile}`,
    )
    .option('--check', 'fail if one of these files is stale')
    .action(async (options: { result?: true; write?: true; check?: true }) => {
      // The committed schema covers the shipped extensions only, whatever else is loaded.
      const isOurs = options.write ?? options.check;
      const registry = await (isOurs ? loadRegistry('') : loadRegistry());
      const schemas = [
        [scenarioFile, renderSchema(registry)],
        [resultFile, renderResultSchema()],
        [defaultsFile, renderLabDefaults()],
      ] as const;
      const pages = isOurs ? await pagesOf(registry) : [];
      for (const [file, schema] of [...schemas, ...pages]) {
        const url = new URL(file, packageRoot);
        if (options.write) await writeFile(url, schema);
        else if (options.check && (await readFile(url, 'utf8')) !== schema) {
          throw new ScenarioError(`${file} is stale: run \`npm run schema\` and commit it`);
        }
      }
      if (options.write || options.check) return;
      print(schemas[options.result ? 1 : 0][1]);
    });
}

/** An installed package has no docs: only who writes or checks them reads these pages. */
async function pagesOf({ backends }: Registry): Promise<readonly (readonly [string, string])[]> {
  const [ofBackends, ofConnections] = await Promise.all(
    [backendsFile, connectionsFile].map((file) => readFile(new URL(file, packageRoot), 'utf8')),
  );
  return [
    [backendsFile, withCapabilityTable(ofBackends ?? '', backends)],
    [connectionsFile, withParameterTable(ofConnections ?? '')],
  ];
}
