import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A file beside a module of ours, to be put into a page as it is. `from`: the module's URL. */
export function asset(name: string, from: string): string {
  return readFileSync(new URL(name, from), 'utf8');
}

/** Of every page. */
export const pageStyle = (): string => asset('style.css', import.meta.url);

/** A file of uPlot's. */
export function uplot(name: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${name}`), 'utf8');
}

// Whatever text of a server or a scenario came this far: it loads nothing and sends nothing.
export const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
