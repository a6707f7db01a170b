export interface BackendChoice {
  readonly name: string;
  /** Why this one, for people. */
  readonly why: string;
}

/** The local backend needs Linux namespaces; on other systems the container engine brings a Linux of its own. */
export function defaultBackend(platform: NodeJS.Platform): string {
  return platform === 'linux' ? 'local' : 'docker';
}

/** The caller's choice overrides the scenario's; without either, the system decides. */
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
