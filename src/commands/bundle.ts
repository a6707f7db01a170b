import path from 'node:path';
import { writeBundle, type Bundle } from '../evidence/bundle/write.ts';
import { ScenarioError } from '../std/errors.ts';
import { judgeRun } from '../judge/judge.ts';
import { findRun } from '../evidence/store/run-folders.ts';
import { loadRegistry } from '../registry.ts';
import { parseSize } from '../std/units/units.ts';
import { isHeldOpen } from '../evidence/store/is-run-active.ts';
import type { CommandHost } from './support/command-host.ts';
import { print } from '../std/output.ts';

interface BundleArguments {
  readonly output?: string;
  readonly maxSize: string;
  readonly journals: boolean;
}

export function bundleCommand({ program }: CommandHost): void {
  program
    .command('bundle')
    .description('pack a stored run into one file for a bug report, with passwords masked')
    .argument('<run>', "a run's folder, or a scenario's name for its latest run")
    .option('--output <file>', 'path of the archive; default: RUN.tar.gz in this folder')
    .option('--max-size <size>', 'shorten the largest logs until the archive fits', '50MB')
    .option('--no-journals', 'leave out the journals; the bundle cannot be judged then')
    .action(async (nameOrPath: string, { output, maxSize, journals }: BundleArguments) => {
      const maxBytes = parseSize(maxSize);
      const registry = await loadRegistry();
      const directory = await findRun(nameOrPath);
      if (isHeldOpen(path.join(directory, 'events.jsonl'))) {
        throw new ScenarioError(
          `${directory}: the run is still going on; bundle it when it is over`,
        );
      }
      const bundle = await writeBundle({
        directory,
        output,
        maxBytes,
        hasJournals: journals,
        judge: (folder) => judgeRun(folder, registry),
      });
      print(`${linesOf(bundle).join('\n')}\n`);
    });
}

function linesOf({ file, bytes, manifest }: Bundle): string[] {
  const { files, cut, leftOut, masked, notJudgeable } = manifest;
  return [
    `${file}: ${bytes} bytes, ${files.length} files, ${masked} secrets masked`,
    ...cut.map(({ name, bytes: was, keptBytes }) => `cut: ${name}: ${keptBytes} of ${was} bytes`),
    ...leftOut.map(({ name, bytes: was, why }) => `left out: ${name} (${was} bytes): ${why}`),
    notJudgeable === null
      ? 'judged once more after packing: the same verdict'
      : `it cannot be judged: ${notJudgeable}`,
    'Read it before you send it: secrets are recognised by the names of their fields, and some may have other names.',
  ];
}
