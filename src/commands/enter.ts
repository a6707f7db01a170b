import { labCommand, psqlCommand as psqlArgv } from '../backends/local/enter.ts';
import { labRecordOf, type LabRecord } from '../backends/local/record.ts';
import { attachTerminal } from '../exec.ts';
import type { CommandHost } from './index.ts';

interface EnterArguments {
  readonly lab?: string;
}

export function psqlCommand(host: CommandHost): void {
  host.program
    .command('psql')
    .description('open psql on a node of a lab that is up')
    .argument('<node>', 'pg1, pg2, ...')
    .argument('[arguments...]', 'for psql, after --')
    .option('--lab <id>', 'which lab; needed when several are up')
    .action((node: string, rest: readonly string[], options: EnterArguments) =>
      enterLab(host, options, (record) => [...psqlArgv(record, node), ...rest]),
    );
}

export function execCommand(host: CommandHost): void {
  host.program
    .command('exec')
    .description('run a command as root on a node of a lab that is up')
    .argument('<node>', 'pg1, pg2, ...')
    .argument('<command...>', 'after --')
    .option('--lab <id>', 'which lab; needed when several are up')
    .action((node: string, command: readonly string[], options: EnterArguments) =>
      enterLab(host, options, (record) => labCommand(record, node, command)),
    );
}

async function enterLab(
  { exit }: CommandHost,
  { lab }: EnterArguments,
  argvIn: (record: LabRecord) => readonly string[],
): Promise<void> {
  exit(await attachTerminal(argvIn(await labRecordOf(lab))));
}
