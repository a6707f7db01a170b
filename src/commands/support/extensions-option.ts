import path from 'node:path';
import { Option, type Command } from 'commander';
import { extensionsVariable } from '../../registry.ts';

/**
 * `--extensions DIR`, before or after the command. Passed on in the environment: the runs of a suite and the load
 * workers are processes of their own that load the same folder.
 */
export function withExtensionsOption(program: Command): void {
  const text = `folder with faults/, workloads/, checks/, reporters/, shells/ or backends/ of your own (or ${extensionsVariable})`;
  const option = () =>
    new Option('--extensions <folder>', text).argParser((folder: string) => {
      const absolute = path.resolve(folder);
      process.env[extensionsVariable] = absolute;
      return absolute;
    });
  program.addOption(option());
  for (const command of program.commands) command.addOption(option().hideHelp());
}
