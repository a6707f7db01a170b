import { stat } from 'node:fs/promises';
import { ScenarioError } from '../std/errors.ts';
import { printPiece } from '../std/output.ts';
import type { CommandHost } from './support/command-host.ts';
import { type JsonArguments, jsonOption, printJson } from './support/json.ts';
import { openRun, runArgument } from './support/open-run.ts';
import { walJson, walLines } from './support/wal-lines.ts';
import { listFolder, listRunWal, type WalListing } from './support/wal-listing.ts';

interface WalArguments extends JsonArguments {
  readonly node?: string;
}

export function walCommand({ program }: CommandHost): void {
  program
    .command('wal')
    .description('print the transactions in the WAL that a run took of its old primaries')
    .argument('<run>', `${runArgument}; or a folder of WAL files`)
    .option('--node <node>', 'the WAL of this node only')
    .option(...jsonOption)
    .action(async (nameOrPath: string, { node, json }: WalArguments) => {
      const listings = await listingsOf(nameOrPath, node);
      if (json) {
        printJson({ wal: listings.map(walJson) });
        return;
      }
      for (const listing of listings) {
        for (const line of walLines(listing)) {
          if (!(await printPiece(`${line}\n`))) return;
        }
      }
    });
}

async function listingsOf(nameOrPath: string, node?: string): Promise<readonly WalListing[]> {
  const found = await stat(nameOrPath).catch(() => undefined);
  const folder = found?.isDirectory() ? await listFolder(nameOrPath) : undefined;
  if (folder) {
    if (node === undefined) return [folder];
    throw new ScenarioError(`${nameOrPath}: a folder of WAL files names no node; leave out --node`);
  }
  await using run = await openRun(nameOrPath);
  return await listRunWal(run.directory, node);
}
