import path from 'node:path';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import type { Json } from '../../contracts/json.ts';
import { type ExternalParams, externalParams, type Secret } from './params.ts';

/** Of a cluster in a plan; undefined: it has no cluster file. */
export function paramsOf({ own }: Pick<ClusterSpec, 'own'>): ExternalParams | undefined {
  const parsed = externalParams.safeParse(own?.backend === 'external' ? own.params : undefined);
  return parsed.success ? parsed.data : undefined;
}

/** A cluster without Patroni's REST interface is one of single servers as far as faults go; paths become absolute. */
export function describeCluster(
  raw: Json,
  folder: string,
): { readonly params: Json } & Pick<ClusterSpec, 'nodes' | 'topology'> {
  const params = externalParams.parse(raw);
  const nodes = Object.values(params.nodes);
  const isSingle = nodes.length === 1 && nodes.every(({ patroni }) => patroni === undefined);
  return {
    params: withAbsolutePaths(params, folder) as Json,
    nodes: nodes.length,
    topology: isSingle ? 'single' : 'patroni',
  };
}

function withAbsolutePaths(params: ExternalParams, folder: string): ExternalParams {
  const { credentials, tls, patroni } = params;
  const absolute = (file: string) => (file === 'system' ? file : path.resolve(folder, file));
  const secret = (one: Secret): Secret => ('file' in one ? { file: absolute(one.file) } : one);
  return {
    ...params,
    credentials: {
      ...credentials,
      ...(credentials.password && { password: secret(credentials.password) }),
    },
    ...(tls && {
      tls: {
        ...tls,
        ...(tls.rootCert !== undefined && { rootCert: absolute(tls.rootCert) }),
        ...(tls.cert !== undefined && { cert: absolute(tls.cert) }),
        ...(tls.key !== undefined && { key: absolute(tls.key) }),
      },
    }),
    ...(patroni && {
      patroni: {
        ...(patroni.tls && {
          tls:
            patroni.tls.rootCert === undefined ? {} : { rootCert: absolute(patroni.tls.rootCert) },
        }),
        ...(patroni.auth && {
          auth: { user: patroni.auth.user, password: secret(patroni.auth.password) },
        }),
      },
    }),
  };
}
