import { z } from 'zod';
import type { Cluster, Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json, SchemaIssue } from '../src/contracts/json.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone, waitUntil } from '../src/std/wait.ts';
import { patroniOf } from './support/patroni.ts';

const flags = ['nofailover', 'nosync', 'noloadbalance', 'clonefrom', 'nostream'];
const value = z.union([z.boolean(), z.number(), z.string(), z.null()], {
  error: 'must be true, false, a number, text, or null to take the tag away',
});

const params = z.strictObject({
  /** By name: `{ nofailover: true }`; null takes one away. */
  tags: z
    .record(z.string().regex(/^[a-z_]+$/i, 'must be the name of a tag'), value)
    .refine((tags) => Object.keys(tags).length > 0, 'must change something'),
});
type Tags = z.infer<typeof params>['tags'];

/** A busy node takes a loop and more to load its file. */
const loadedTimeoutMs = 30_000;

/**
 * An administrator edits a member's own file and reloads Patroni, as tags can be changed in no other way. In force once Patroni's REST
 * interface shows them: the others read them from the DCS, where Patroni writes them in that same loop. Healing puts the file back.
 * Source: Patroni, __main__.py, reload_config and get_tags.
 */
const setTags: Fault<z.infer<typeof params>> = {
  summary:
    "Changes Patroni's tags in its targets' own files, with a reload; puts the files back to heal.",
  params,
  example: { tags: { nofailover: true } },
  targets: 'nodes',
  effects: { servers: 'targets' },
  isOfTags: true,
  needs: () => ['tags', 'patroni'],
  claims: () => ['tags'],
  problems: ({ tags }, nodeNames) => Object.entries(tags).flatMap((one) => problem(one, nodeNames)),

  async inject(targets, { tags }, { id, cluster, undo, signal }) {
    const controls = targets.map((node) => ({ node, control: tagsOf(node) }));
    const before = await allDone(
      controls.map(
        async ({ node, control }) => [node.name, { ...(await control.read()) }] as const,
      ),
    );
    for (const { name } of targets) undo({ do: 'restoreTags', node: name, tag: id });
    await allDone(
      controls.map(async ({ node, control }) => {
        await control.set(id, tags);
        await waitUntil(
          `Patroni of ${node.name} shows ${JSON.stringify(tags)}`,
          async () => isShown(tags, await shownBy(cluster, node, signal)),
          { timeoutMs: loadedTimeoutMs, everyMs: 200, signal },
        );
      }),
    );
    return { tags, before: Object.fromEntries(before) };
  },

  async lapsed(targets, { tags }) {
    for (const node of targets) {
      const found = await tagsOf(node).read();
      if (!isShown(tags, found))
        return `the tags of ${node.name} were changed from outside the run`;
    }
    return undefined;
  },
};
export default setTags;

function problem(
  [name, value]: [string, Tags[string]],
  nodeNames: readonly string[],
): readonly SchemaIssue[] {
  const refuse = (message: string) => [{ path: ['tags', name], message }];
  if (flags.includes(name) && typeof value !== 'boolean' && value !== null) {
    return refuse('must be true, false or null');
  }
  if (name !== 'replicatefrom' || value === null || nodeNames.includes(String(value))) return [];
  return refuse(`there is no node '${String(value)}'; nodes: ${nodeNames.join(', ')}`);
}

function tagsOf(node: Machine) {
  return node.tags ?? lacks(node, "way to Patroni's tags");
}

async function shownBy(cluster: Cluster, { name }: Machine, signal: AbortSignal) {
  const patroni = patroniOf(cluster);
  if (!patroni.status) return lacks({ name }, 'status of Patroni');
  const { tags = {} } = ((await patroni.status(name, signal)) ?? {}) as {
    readonly tags?: Readonly<Record<string, Json>>;
  };
  return tags;
}

/** Patroni shows no tag that is false. Source: Patroni, __main__.py, get_tags. */
function isShown(wanted: Tags, found: Readonly<Record<string, Json>>): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    return JSON.stringify(found[name] ?? false) === JSON.stringify(value ?? false);
  });
}
