import path from 'node:path';
import type { Json } from '../../../contracts/json.ts';
import type { ManifestOptions } from './options.ts';

const configFolder = '/etc/forkpoint';
const secretName = 'forkpoint';
/** What a run may need after SIGTERM: to heal, to stop the load, to remove what it made. */
const healSeconds = 120;

/** The pod of one run. Its exit code is the run's, so it is never restarted. */
export function podSpec(options: ManifestOptions): Json {
  const { asked, image, scenario, schedule } = options;
  const named = scenario.text === undefined ? scenario.name : `${configFolder}/scenario.yaml`;
  return {
    serviceAccountName: 'forkpoint',
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: healSeconds,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001 },
    containers: [
      {
        name: 'forkpoint',
        image,
        args: [
          'run',
          named,
          '--cluster',
          `${configFolder}/cluster.yaml`,
          '--no-install',
          ...(schedule === undefined ? [] : ['--keep-runs', '14']),
        ],
        env: asked.variables.map((variable) => ({
          name: variable,
          valueFrom: { secretKeyRef: { name: secretName, key: variable } },
        })),
        resources: {
          requests: { cpu: '500m', memory: '512Mi' },
          limits: { memory: '2Gi' },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'config', mountPath: configFolder, readOnly: true },
          ...elsewhere(asked.files).map((file) => ({
            name: 'secret',
            mountPath: file,
            subPath: keyOf(file),
            readOnly: true,
          })),
          { name: 'reports', mountPath: '/reports' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'config', projected: { sources: configSources(asked.files) } },
      ...(elsewhere(asked.files).length > 0 ? [{ name: 'secret', secret: { secretName } }] : []),
      { name: 'reports', persistentVolumeClaim: { claimName: 'forkpoint-reports' } },
      { name: 'tmp', emptyDir: {} },
    ],
  };
}

/** The cluster file, and beside it the files that it names by relative paths. */
function configSources(files: readonly string[]): readonly Json[] {
  const beside = files.filter((file) => !isElsewhere(file));
  const items = beside.map((file) => ({ key: keyOf(file), path: path.posix.normalize(file) }));
  return [
    { configMap: { name: 'forkpoint' } },
    ...(items.length > 0 ? [{ secret: { name: secretName, items } }] : []),
  ];
}

function elsewhere(files: readonly string[]): readonly string[] {
  return files.filter(isElsewhere).map((file) => path.posix.resolve(configFolder, file));
}

function isElsewhere(file: string): boolean {
  return path.posix.isAbsolute(file) || path.posix.normalize(file).startsWith('..');
}

/** A file's key in the Secret: keys have no slashes. */
export function keyOf(file: string): string {
  return file.replace(/^\/+/, '').replaceAll(/[^\w.-]/g, '-');
}
