import { type Command, Option } from 'commander';
import { ScenarioError, messageOf } from '../../std/errors.ts';

/**
 * `--dsn`, once for each server, and `--env-file`, whose variables count where the environment has none of that name.
 * The file is read before the command does anything.
 */
export function withDsnOptions(command: Command, description: string): Command {
  return command
    .option(
      '--dsn <string>',
      description,
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .addOption(
      new Option('--env-file <file>', 'read variables such as PGPASSWORD from this file').argParser(
        readVariables,
      ),
    );
}

/** Errors: ScenarioError for a file that cannot be read; no line of it is in the message. */
export function readVariables(file: string): string {
  try {
    process.loadEnvFile(file);
    return file;
  } catch (error) {
    throw new ScenarioError(`--env-file: ${messageOf(error)}`, { cause: error });
  }
}
