export interface BackendChoice {
  readonly name: string;
  /** For people: who chose it. */
  readonly why: string;
}

/** Plain processes in namespaces need Linux; every other system has them in the engine's own. */
export function defaultBackend(platform: NodeJS.Platform): string {
  return platform === 'linux' ? 'local' : 'docker';
}

/** The caller's word goes before the scenario's, and the system decides where neither says. */
export function chooseBackend(
  asked: string | undefined,
  pinned: string | undefined,
  platform: NodeJS.Platform,
): BackendChoice {
  if (asked !== undefined) return { name: asked, why: 'asked for by --backend' };
  if (pinned !== undefined) return { name: pinned, why: 'pinned by the scenario' };
  const system = platform === 'linux' ? 'Linux' : `${platform}, where local cannot run`;
  return { name: defaultBackend(platform), why: `the default on ${system}` };
}
