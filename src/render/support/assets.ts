import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The content of a file beside a module of Forkpoint, for inlining into a page. `from`: the module's URL. */
export function asset(name: string, from: string): string {
  return readFileSync(new URL(name, from), 'utf8');
}

/** The style of every page. */
export const pageStyle = (): string => asset('style.css', import.meta.url);

/** A file of uPlot. */
export function uplot(name: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${name}`), 'utf8');
}
