import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TakenEvidence } from '../../contracts/evidence.ts';
import { readEvidence } from '../../evidence/forensics/read-evidence.ts';
import { whyNoWal } from '../../evidence/forensics/why-no-wal.ts';
import { journalPaths, readJournal } from '../../evidence/journal/journal.ts';
import { readRunHead } from '../../evidence/store/read-run.ts';
import { JournaledWrites } from '../../judge/wal/journaled-writes.ts';
import {
  firstPosition,
  placeWrites,
  readOldWal,
  type OldWal,
  type PlacedWal,
} from '../../judge/wal/old-wal.ts';
import { objectionTo } from '../../judge/wal/taken-wal.ts';
import { ScenarioError } from '../../std/errors.ts';

/** The WAL of one node, with what of a run stands in it. */
export interface WalListing extends PlacedWal {
  /** 'pg1 (evidence/pg1-1)', or a folder. */
  readonly name: string;
  readonly node: string | null;
  readonly wal: OldWal;
  /** Why it says nothing of what was acknowledged past the fork. */
  readonly doubt?: string;
}

/** What was taken in a run, of one node or of all. Errors: ScenarioError when nothing of it was; those of readOldWal. */
export async function listRunWal(directory: string, node?: string): Promise<WalListing[]> {
  const taken = await readEvidence(directory);
  const wanted = taken.filter((each) => node === undefined || each.node === node);
  const listings: WalListing[] = [];
  for (const each of wanted) listings.push(...(await listTaken(directory, each)));
  if (listings.length === 0) throw new ScenarioError(nothingTaken(directory, taken, node));
  return listings;
}

async function listTaken(directory: string, taken: TakenEvidence): Promise<WalListing[]> {
  const { node, folder, timeline, forkLsn } = taken;
  const inFolder = path.join(directory, folder, 'pg_wal');
  if (!existsSync(inFolder)) return [];
  const wal = await readOldWal(inFolder, { timeline, forkLsn: forkLsn ?? undefined });
  if (!wal) return [];
  const { runId } = readRunHead(directory);
  const journaled = new JournaledWrites({ node, timeline, fromLsn: firstPosition(wal) });
  for (const file of journalPaths(directory)) readJournal(file, { runId }, journaled);
  const placed = placeWrites(wal, journaled.writes, taken.takenAtMs);
  const doubt = await objectionTo(wal, directory, taken);
  const found = doubt === undefined ? placed : { ...placed, missing: [], doubt };
  return [{ name: `${node} (${folder})`, node, wal, ...found }];
}

function nothingTaken(directory: string, taken: readonly TakenEvidence[], node?: string): string {
  const nodes = [...new Set(taken.map((each) => each.node))];
  if (node !== undefined && nodes.length > 0 && !nodes.includes(node)) {
    return `${directory}: no evidence was taken of ${node}; it was of ${nodes.join(' and ')}`;
  }
  const of = node ?? 'any node';
  const other = 'Name a folder of WAL files to read that.';
  const wanted = taken.filter((each) => node === undefined || each.node === node);
  if (wanted.length === 0) return `${directory}: no WAL was taken of ${of} in this run. ${other}`;
  const why = wanted.map((each) => `${each.node}: ${whyNoWal(directory, each)}`);
  return `${directory}: no WAL of ${of} can be read: ${why.join('; ')}. ${other}`;
}

/** A folder of WAL files without a run: nothing of a run can be named. Undefined when it holds no WAL. */
export async function listFolder(folder: string): Promise<WalListing | undefined> {
  const wal = await readOldWal(folder);
  return wal && { name: folder, node: null, wal, ...placeWrites(wal, []) };
}
