import type { LabContents, WantedNames } from '../../contracts/own-patroni.ts';
import { readContents } from '../../scenario/own-patroni/contents.ts';
import { localShell } from '../../shells/local.ts';
import { labPath } from './enter.ts';
import { requireTools } from './preflight.ts';
import type { Tools } from './tools.ts';

/** A lab has the programs of its host. */
export function contentsOfHost(tools: Tools, wanted: WantedNames): Promise<LabContents> {
  return readContents(
    {
      shell: localShell,
      postgresFolder: tools.postgres.path,
      env: { PATH: labPath({ tools }) },
      method: 'trust',
    },
    wanted,
  );
}

/** The same before anything is planned. Errors: EnvironmentError when the host has no PostgreSQL or Patroni. */
export async function contentsBeforeBoot(wanted: WantedNames): Promise<LabContents> {
  return contentsOfHost(await requireTools(), wanted);
}
