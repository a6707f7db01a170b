import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { addCommands } from '../../src/commands/index.ts';
import { loadRegistry } from '../../src/registry.ts';
import { parseScenario } from '../../src/scenario/parse/parse.ts';
import { planScenario } from '../../src/scenario/plan/plan.ts';
import { exampleParams } from '../../src/conformance/params.ts';

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
  test.each(pages)('%s has no broken link', (page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)];
    const missing = links
      .map(([, target = '']) => path.resolve(root, path.dirname(page), target))
      .filter((target) => !existsSync(target));
    expect(missing).toEqual([]);
  });

  const scenarios = blocks('yaml').filter(
    ([, code]) => /^load:/m.test(code) && /^name:/m.test(code),
  );
  test('has complete scenarios', () => {
    expect(scenarios.length).toBeGreaterThan(0);
  });
  // The SQL files of the pages, under the names that their first lines say.
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-docs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const [, code] of blocks('sql')) {
    const [, name] = /^-- (\S+\.sql)\n/.exec(code) ?? [];
    if (name !== undefined) writeFileSync(path.join(folder, name), code);
  }
  test.each(scenarios)('%s: a complete scenario can be planned: %s', (page, code) => {
    const file = path.join(folder, path.basename(page));
    const scenario = parseScenario(code, { file, registry });
    expect(planScenario(scenario, { seed: 1, backend: 'local', registry }).seed).toBe(1);
  });

  test('names only existing commands', async () => {
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

  test('lists every fault once, with its needs', () => {
    const rows = [...textOf('docs/faults.md').matchAll(/^\| `([a-z-]+)` \|.*\|([^|]*)\|$/gm)];
    const listed = rows.map(([, name = '', needs = '']) => [name, needs.trim()]).sort();
    const loaded = [...registry.faults].map(([name, fault]) => {
      return [name, fault.needs(exampleParams(fault)).join(', ')];
    });
    expect(listed).toEqual(loaded.sort());
  });

  /** Each page on a kind of extension has a file of docs/examples/extensions as its template, word for word. */
  const templates = blocks('ts').flatMap(([page, code]) =>
    [...code.matchAll(/^\/\/ extensions\/(\S+)\n/g)].map(([line, file = '']) => ({
      page,
      file,
      code: code.slice(line.length),
    })),
  );
  test('has one template for each kind of extension', () => {
    const folders = templates.map(({ file }) => path.dirname(file)).sort();
    expect(folders).toEqual(['backends', 'checks', 'faults', 'reporters', 'shells', 'workloads']);
  });
  test.each(templates)('$page: its template is the example $file', ({ file, code }) => {
    expect(code).toBe(textOf(path.join('docs/examples/extensions', file)));
  });
});
