import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Workload } from '../contracts/workload.ts';
import { kinds } from '../registry/kinds.ts';
import { loadFile } from '../registry/load-folder.ts';
import { provideOwnPackage } from '../registry/own-package.ts';
import { ScenarioError } from '../std/errors.ts';
import { ownModule } from '../std/own-module.ts';

/** How a worker finds the workload: on this machine by its file, on another by the name of ours or the contents of yours. */
export type WorkloadSource =
  | { readonly kind: 'file'; readonly url: string }
  | { readonly kind: 'shipped'; readonly name: string }
  | { readonly kind: 'contents'; readonly name: string; readonly javascript: string };

/** What another machine can load. Errors: ScenarioError for a file that cannot be read or is no TypeScript. */
export function remoteSource(name: string, url: string): WorkloadSource {
  if (ownWorkload(name).href === url) return { kind: 'shipped', name };
  const file = fileURLToPath(url);
  try {
    const text = readFileSync(file, 'utf8');
    const javascript = file.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
    return { kind: 'contents', name, javascript };
  } catch (cause) {
    throw new ScenarioError(`${file}: cannot be sent to a load worker elsewhere`, { cause });
  }
}

/** Errors: ScenarioError for a module that is no workload, or whose contents import other files of its folder. */
export function loadWorkload(source: WorkloadSource): Promise<Workload> {
  provideOwnPackage();
  return loadFile(urlOf(source), kinds.workloads, ScenarioError);
}

function urlOf(source: WorkloadSource): URL {
  if (source.kind === 'file') return new URL(source.url);
  if (source.kind === 'shipped') return ownWorkload(source.name);
  const bytes = Buffer.from(source.javascript).toString('base64');
  return new URL(`data:text/javascript;base64,${bytes}`);
}

function ownWorkload(name: string): URL {
  return ownModule(`../workloads/${name}`, import.meta.url);
}
