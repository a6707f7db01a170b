import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Json } from '../../contracts/json.ts';
import type { WantedNames } from '../../contracts/own-patroni.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import { parseYaml, valuesOf, type YamlFile } from '../parse/parse-yaml.ts';
import { commandsIn, programOf } from './commands.ts';
import { masker, secretsIn } from './secrets.ts';

/** A member's file as the user wrote it. */
export interface OwnFile {
  readonly file: string;
  readonly digest: string;
  readonly yaml: YamlFile;
  readonly content: Raw;
  /** Takes its secrets out of a text. */
  readonly hide: (text: string) => string;
}

/** Errors: ScenarioError when it cannot be read, is no YAML, or is no member's file. */
export async function readOwnFile(file: string): Promise<OwnFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ScenarioError(`cluster.config: ${messageOf(error)}`, { cause: error });
  });
  // As Patroni's own parser reads it: `on` is true.
  const yaml = parseYaml(text, file, { version: '1.1' });
  const content = valuesOf(yaml);
  if (!isMapping(content) || !('bootstrap' in content || 'postgresql' in content)) {
    throw new ScenarioError(
      `${file}:1:1: is no file of a Patroni member: it has neither bootstrap nor postgresql. ` +
        'Dynamic configuration alone belongs under cluster.patroni',
    );
  }
  const digest = createHash('sha256').update(text).digest('hex');
  const hide = masker(secretsIn(content as Json));
  return { file, digest, yaml, content, hide };
}

/** The names in it that a lab may lack. */
export function wantedNames({ content }: OwnFile): WantedNames {
  const { postgresql, bootstrap } = content;
  const dcs = isMapping(bootstrap) && isMapping(bootstrap.dcs) ? bootstrap.dcs : {};
  const sections = [postgresql, dcs.postgresql].filter(isMapping);
  const parameters = sections.flatMap(({ parameters: given }) =>
    isMapping(given) ? Object.keys(given) : [],
  );
  const programs = commandsIn(content as Json).flatMap((command) => programOf(command) ?? []);
  return { programs: [...new Set(programs)], parameters: [...new Set(parameters)] };
}

/** Its secrets as it is now; none where it cannot be read any more. */
export async function secretsOfFile(file: string): Promise<readonly string[]> {
  const own = await readOwnFile(file).catch(() => undefined);
  return own ? secretsIn(own.content as Json) : [];
}
