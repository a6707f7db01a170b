import { examplesOf } from './support/examples.ts';
import { withExtensionsOption } from './support/extensions-option.ts';
import type { CommandHost } from './support/command-host.ts';

type Add = (host: CommandHost) => void;

interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly group: string;
  readonly load: () => Promise<Add>;
}

const run = 'Run scenarios:';
const runs = 'Read stored runs:';
const history = 'Compare runs:';
const labs = 'Work with a cluster:';
const rest = 'About this host and Forkpoint:';

/** Every command, in the order of --help. A module is loaded when its command is asked for. */
const entries: readonly Entry[] = [
  {
    name: 'run',
    alias: 'scenario',
    group: run,
    load: async () => (await import('./run.ts')).runCommand,
  },
  { name: 'load', group: run, load: async () => (await import('./load.ts')).loadCommand },
  { name: 'watch', group: run, load: async () => (await import('./watch.ts')).watchCommand },
  { name: 'mark', group: run, load: async () => (await import('./mark.ts')).markCommand },
  { name: 'suite', group: run, load: async () => (await import('./suite.ts')).suiteCommand },
  { name: 'matrix', group: run, load: async () => (await import('./matrix.ts')).matrixCommand },
  { name: 'replay', group: run, load: async () => (await import('./replay.ts')).replayCommand },
  {
    name: 'incidents',
    group: run,
    load: async () => (await import('./incidents.ts')).incidentsCommand,
  },
  { name: 'check', group: run, load: async () => (await import('./check.ts')).checkCommand },
  { name: 'report', group: runs, load: async () => (await import('./report.ts')).reportCommand },
  { name: 'judge', group: runs, load: async () => (await import('./judge.ts')).judgeCommand },
  { name: 'verify', group: runs, load: async () => (await import('./verify.ts')).verifyCommand },
  { name: 'history', group: runs, load: async () => (await import('./history.ts')).historyCommand },
  { name: 'wal', group: runs, load: async () => (await import('./wal.ts')).walCommand },
  { name: 'salvage', group: runs, load: async () => (await import('./salvage.ts')).salvageCommand },
  { name: 'bundle', group: runs, load: async () => (await import('./bundle.ts')).bundleCommand },
  { name: 'serve', group: runs, load: async () => (await import('./serve.ts')).serveCommand },
  {
    name: 'compare',
    group: history,
    load: async () => (await import('./compare.ts')).compareCommand,
  },
  {
    name: 'baseline',
    group: history,
    load: async () => (await import('./baseline.ts')).baselineCommand,
  },
  {
    name: 'index',
    group: history,
    load: async () => (await import('./index-page.ts')).indexCommand,
  },
  { name: 'lab', group: labs, load: async () => (await import('./lab.ts')).labCommand },
  { name: 'psql', group: labs, load: async () => (await import('./psql-exec.ts')).psqlCommand },
  { name: 'exec', group: labs, load: async () => (await import('./psql-exec.ts')).execCommand },
  { name: 'heal', group: labs, load: async () => (await import('./heal.ts')).healCommand },
  { name: 'clean', group: labs, load: async () => (await import('./clean.ts')).cleanCommand },
  {
    name: 'kubernetes',
    group: labs,
    load: async () => (await import('./kubernetes.ts')).kubernetesCommand,
  },
  { name: 'doctor', group: rest, load: async () => (await import('./doctor.ts')).doctorCommand },
  {
    name: 'selftest',
    group: rest,
    load: async () => (await import('./selftest.ts')).selftestCommand,
  },
  {
    name: 'conformance',
    group: rest,
    load: async () => (await import('./conformance.ts')).conformanceCommand,
  },
  { name: 'worker', group: rest, load: async () => (await import('./worker.ts')).workerCommand },
  { name: 'schema', group: rest, load: async () => (await import('./schema.ts')).schemaCommand },
  {
    name: 'completion',
    group: rest,
    load: async () => (await import('./completion.ts')).completionCommand,
  },
];

/**
 * Adds the command that `argv` begins with. Adds all commands when it begins with none, as for --help or a misspelt
 * name, and for completion, whose script lists them all.
 */
export async function addCommands(host: CommandHost, argv: readonly string[] = []): Promise<void> {
  const { program } = host;
  for (const { entry, add } of await Promise.all(wanted(argv).map(loaded))) {
    program.commandsGroup(entry.group);
    add(host);
    program.commands.at(-1)?.addHelpText('after', examplesOf(entry.name));
  }
  withExtensionsOption(program);
  program.helpCommand(true);
}

function wanted([asked]: readonly string[]): readonly Entry[] {
  if (asked === '--version') return [];
  const found = entries.filter(({ name, alias = name }) => name === asked || alias === asked);
  return found.length === 0 || asked === 'completion' ? entries : found;
}

async function loaded(entry: Entry): Promise<{ readonly entry: Entry; readonly add: Add }> {
  return { entry, add: await entry.load() };
}
