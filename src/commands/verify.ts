import { ScenarioError } from '../std/errors.ts';
import { findRun } from '../evidence/store/run-folders.ts';
import { loadRegistry } from '../registry.ts';
import { parseDuration } from '../std/units/units.ts';
import { verifyCluster, verifyServers, type VerifyOptions } from '../verify/verify.ts';
import { parseServers } from '../pg/dsn.ts';
import { writeJudgement } from '../evidence/store/write-reports.ts';
import { findLab } from './support/find-cluster.ts';
import {
  exitCodes,
  printSummary,
  withOutputOptions,
  type OutputArguments,
} from './support/output.ts';
import type { CommandHost } from './support/command-host.ts';
import { withDsnOptions } from './support/dsn-option.ts';
import { sayLongWaits, tellLine } from './support/logger.ts';

interface VerifyArguments extends OutputArguments {
  readonly dsn: readonly string[];
  /** true: the only one that is up. */
  readonly lab?: string | true;
  readonly wait?: string;
}

export function verifyCommand({ program, signal, exit }: CommandHost): void {
  withOutputOptions(
    withDsnOptions(
      program
        .command('verify')
        .description('read a live database again and judge a stored run by it')
        .argument('<run>', "a run's folder, or a scenario's name for its latest run"),
      'a server to read: postgres://user@host/database, or pg1=postgres://...; repeatable',
    )
      .option('--lab [id]', 'read every node of this lab, or of the only one that is up')
      .option('--wait <duration>', "longest wait for convergence; default: the scenario's"),
  ).action(async (nameOrPath: string, { dsn, lab, wait, ...output }: VerifyArguments) => {
    if (dsn.length > 0 === (lab !== undefined)) {
      throw new ScenarioError('verify: name what to read: --dsn (one or more) or --lab');
    }
    const registry = await loadRegistry();
    const directory = await findRun(nameOrPath);
    const log = tellLine;
    using _waits = sayLongWaits(log);
    const waitMs = wait === undefined ? undefined : parseDuration(wait);
    const options: VerifyOptions = { directory, registry, signal, waitMs, log };
    const servers = await parseServers(dsn, { note: tellLine });
    await using cluster =
      lab === undefined
        ? undefined
        : await (await findLab(lab === true ? undefined : lab, registry)).open();
    const judgement = await (cluster
      ? verifyCluster(cluster, options)
      : verifyServers(servers, options));
    await writeJudgement(directory, judgement, registry);
    const { result } = judgement;
    printSummary(result, registry, { ...output, directory });
    exit(exitCodes[result.status]);
  });
}
