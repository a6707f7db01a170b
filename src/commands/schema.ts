import { readFile, writeFile } from 'node:fs/promises';
import { ScenarioError } from '../errors.ts';
import { packageRoot } from '../paths.ts';
import { loadRegistry } from '../registry.ts';
import { renderSchema } from '../scenario/json-schema.ts';
import type { CommandHost } from './host.ts';

const file = new URL('scenarios/schema.json', packageRoot);

export function schemaCommand({ program }: CommandHost): void {
  program
    .command('schema')
    .description('print the JSON Schema of scenario files, for editors')
    .option('--write', 'write it to scenarios/schema.json')
    .option('--check', 'fail when scenarios/schema.json is stale')
    .action(async (options: { write?: true; check?: true }) => {
      const schema = renderSchema(await loadRegistry());
      if (options.write) await writeFile(file, schema);
      else if (!options.check) process.stdout.write(schema);
      else if ((await readFile(file, 'utf8')) !== schema) {
        throw new ScenarioError(
          'scenarios/schema.json is stale: run `npm run schema` and commit it',
        );
      }
    });
}
