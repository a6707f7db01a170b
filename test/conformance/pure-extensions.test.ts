import { test } from 'vitest';
import { backendRules } from '../../src/conformance/backend-rules.ts';
import { checkRules } from '../../src/conformance/check-rules.ts';
import { reporterRules } from '../../src/conformance/reporter-rules.ts';
import { NotTried, type Rule, type Subject } from '../../src/conformance/rule.ts';
import { shellRules } from '../../src/conformance/shell-rules.ts';
import { workloadRules } from '../../src/conformance/workload-rules.ts';
import { loadRegistry } from '../../src/registry.ts';

const registry = await loadRegistry('');

function casesOf<T>(kind: string, all: ReadonlyMap<string, T>, rules: readonly Rule<Subject<T>>[]) {
  return [...all].flatMap(([name, extension]) =>
    rules.map(({ says, check }) => ({
      title: `${kind} ${name} ${says}`,
      check: () => check({ name, extension, registry }),
    })),
  );
}

test.each([
  ...casesOf('workload', registry.workloads, workloadRules),
  ...casesOf('check', registry.checks, checkRules),
  ...casesOf('reporter', registry.reporters, reporterRules),
  ...casesOf('backend', registry.backends, backendRules),
])('$title', ({ check }) => check());

test.for(casesOf('shell', registry.shells, shellRules))('$title', async ({ check }, context) => {
  try {
    await check();
  } catch (error) {
    // No container is running, or this process is not root.
    if (error instanceof NotTried) context.skip(error.message);
    throw error;
  }
});
