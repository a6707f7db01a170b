import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addCommands } from '../../src/commands/index.ts';
import { isFault, loadExtensions, loadRegistry } from '../../src/registry.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { paramsOf } from '../helpers/fault-examples.ts';

const root = path.resolve(import.meta.dirname, '../..');
const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: root })];
const registry = await loadRegistry();

const textOf = (page: string) => readFileSync(path.join(root, page), 'utf8');

/** [page, code] of every fenced block in this language. */
function blocks(language: string): (readonly [string, string])[] {
  return pages.flatMap((page) =>
    [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
      ([, code = '']) => [page, code] as const,
    ),
  );
}

describe('the documentation', () => {
  test.each(pages)('%s leads nowhere that is not there', (page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)];
    const missing = links
      .map(([, target = '']) => path.resolve(root, path.dirname(page), target))
      .filter((target) => !existsSync(target));
    expect(missing).toEqual([]);
  });

  const scenarios = blocks('yaml').filter(
    ([, code]) => /^load:/m.test(code) && /^name:/m.test(code),
  );
  test('has whole scenarios', () => {
    expect(scenarios.length).toBeGreaterThan(0);
  });
  test.each(scenarios)('%s: a whole scenario can be planned: %s', (page, code) => {
    const scenario = parseScenario(code, { file: page, registry });
    expect(planScenario(scenario, { seed: 1, backend: 'local', registry }).seed).toBe(1);
  });

  test('names only commands that there are', async () => {
    const program = new Command();
    await addCommands({ program, signal: new AbortController().signal, exit: () => undefined });
    const known = new Set(program.commands.flatMap((each) => [each.name(), ...each.aliases()]));
    const named = pages.flatMap((page) =>
      [...textOf(page).matchAll(/(?:npm run forkpoint --|`(?:npx )?forkpoint) ([a-z]+)/g)].map(
        ([, name = '']) => `${page}: ${name}`,
      ),
    );
    expect(named.filter((each) => !known.has(each.split(': ')[1] ?? ''))).toEqual([]);
  });

  test('lists every fault once, with what it needs', () => {
    const rows = [...textOf('docs/faults.md').matchAll(/^\| `([a-z-]+)` \|.*\|([^|]*)\|$/gm)];
    const listed = rows.map(([, name = '', needs = '']) => [name, needs.trim()]).sort();
    const loaded = [...registry.faults].map(([name, fault]) => {
      return [name, fault.needs(paramsOf(name, fault)).join(', ')];
    });
    expect(listed).toEqual(loaded.sort());
  });

  const faults = blocks('ts').filter(([, code]) => code.includes(': Fault<'));
  test.each(faults)('%s: a whole fault can be loaded', async (_page, code) => {
    const folder = mkdtempSync(path.join(root, 'faults', '.doc-'));
    try {
      const file = path.join(folder, 'example.ts');
      writeFileSync(file, code.replaceAll("'../src/", "'../../src/"));
      const loaded = await loadExtensions(new URL(`file://${folder}/`), isFault);
      expect([...loaded.keys()]).toEqual(['example']);
      const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
      const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
      const more = [
        '--allowImportingTsExtensions',
        '--skipLibCheck',
        '--types',
        'node',
        '--ignoreConfig',
      ];
      const lib = ['--lib', 'es2024,esnext.disposable'];
      execFileSync(process.execPath, [tsc, ...flags, ...more, ...lib, file], { cwd: root });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
