import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { NameAsker, NameChange, NameControl } from '../../contracts/cluster.ts';
import type { Place } from '../../machine/layout.ts';
import { ClusterError } from '../../std/errors.ts';
import { monotonicMs } from '../../std/wait.ts';
import { hostPath, labShell } from './enter.ts';
import { labFolder, observerAddress } from './layout.ts';
import type { NameFile, NameServerOptions } from './name-server.ts';
import type { LabRecord } from './record.ts';

/** Below it no name exists anywhere (RFC 2606). */
const zone = 'forkpoint.test';
const changesFolder = `${labFolder}/names/changes`;
/** No machine of a lab has it. */
const nowhere = '10.77.0.9';
/** getent waits for the resolver, which gives up after two times 5 s. */
const askTimeoutMs = 20_000;
/** Somewhat less, for timers end early. */
const givenUpMs = 9_500;

/** A node is called by its name only where a fault can change that. */
export function hasNames({ needs }: Pick<LabRecord, 'needs'>): boolean {
  return needs.includes('names');
}

export function nameOf(node: string): string {
  return `${node}.${zone}`;
}

/** How others reach a node. */
export function hostOf(record: Pick<LabRecord, 'needs'>, { name, address }: Place): string {
  return hasNames(record) ? nameOf(name) : address;
}

export function nameServerOptions({ layout }: LabRecord): NameServerOptions {
  return {
    listen: observerAddress,
    zone: Object.fromEntries(layout.nodes.map(({ name, address }) => [nameOf(name), address])),
    changes: changesFolder,
  };
}

/** What is answered for the name of one node. */
export function nameControl(record: LabRecord, { name }: Place): NameControl {
  const fileOf = (tag: string) =>
    hostPath(record, path.join(changesFolder, `${name}.${tag.replace(/[^\w.-]/g, '-')}.json`));
  return {
    name: nameOf(name),
    change: async (tag, change, askers) => {
      const content: NameFile = {
        name: nameOf(name),
        askers: placesOf(record, askers).map(({ address }) => address),
        change: answered(record, change),
      };
      const file = fileOf(tag);
      await writeFile(`${file}.new`, JSON.stringify(content));
      await rename(`${file}.new`, file);
      for (const [place] of askingPlaces(record, askers)) {
        if (place) await requireAnswer(record, { node: name, place, change: content.change });
      }
    },
    restore: (tag) => rm(fileOf(tag), { force: true }),
    holds: (tag) => Promise.resolve(existsSync(fileOf(tag))),
  };
}

function answered({ layout }: LabRecord, change: NameChange): NameFile['change'] {
  if (change.kind !== 'wrong') return change;
  const to = layout.nodes.find(({ name }) => name === change.to);
  return { kind: 'wrong', address: to?.address ?? nowhere };
}

function placesOf({ layout }: LabRecord, askers: NameAsker): readonly Place[] {
  if (askers === 'clients') return layout.sites;
  return askers === 'nodes' ? layout.nodes : [...layout.sites, ...layout.nodes];
}

/** One of each kind is asked whether it gets the answer. */
function askingPlaces({ layout }: LabRecord, askers: NameAsker): readonly (readonly Place[])[] {
  if (askers === 'all') return [layout.sites, layout.nodes];
  return [askers === 'clients' ? layout.sites : layout.nodes];
}

/** Errors: ClusterError with what the resolver of that place got instead. */
async function requireAnswer(
  record: LabRecord,
  asked: { readonly node: string; readonly place: Place; readonly change: NameFile['change'] },
): Promise<void> {
  const { node, place, change } = asked;
  const beganMs = monotonicMs();
  const { stdout } = await labShell(record, place.name).run(['getent', 'ahostsv4', nameOf(node)], {
    timeoutMs: askTimeoutMs,
  });
  const tookMs = monotonicMs() - beganMs;
  const got = stdout.split(/\s/)[0] ?? '';
  const isRight =
    change.kind === 'slow'
      ? tookMs >= Math.min(change.delayMs, givenUpMs)
      : got === (change.kind === 'gone' ? '' : change.address);
  if (isRight) return;
  const answer = got === '' ? 'no address' : got;
  throw new ClusterError(
    `${place.name}: getent ahostsv4 ${nameOf(node)} gave ${answer} after ${Math.round(tookMs)} ms, though the answer was changed to ${JSON.stringify(change)}`,
  );
}
