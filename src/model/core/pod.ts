import { Type, type Static } from 'typebox';
import { Condition, ObjectMeta, Time } from '../resource.ts';
import { INT32_MAX, Probe } from './probe.ts';
import type { Kind } from '../kind.ts';
import { podColumns } from './pod-columns.ts';
import { podDefaults } from './pod-defaults.ts';
import { podCauses } from './pod-rules.ts';

const Quantity = Type.Union([Type.String(), Type.Number()], { 'x-kubernetes-int-or-string': true });
const Resources = Type.Object({
  requests: Type.Optional(Type.Record(Type.String(), Quantity)),
  limits: Type.Optional(Type.Record(Type.String(), Quantity)),
});

const KeySelector = Type.Object({ name: Type.Optional(Type.String()), key: Type.String(), optional: Type.Optional(Type.Boolean()) });

/** v1 EnvVar. */
export const EnvVar = Type.Object({
  name: Type.String({ minLength: 1 }),
  value: Type.Optional(Type.String()),
  valueFrom: Type.Optional(
    Type.Object({
      fieldRef: Type.Optional(Type.Object({ apiVersion: Type.Optional(Type.String()), fieldPath: Type.String() })),
      configMapKeyRef: Type.Optional(KeySelector),
      secretKeyRef: Type.Optional(KeySelector),
    }),
  ),
});
export type EnvVar = Static<typeof EnvVar>;

/** v1 ContainerPort; on the process driver `containerPort` is the port on the machine. */
export const ContainerPort = Type.Object({
  name: Type.Optional(Type.String()),
  containerPort: Type.Integer({ minimum: 1, maximum: 65535 }),
  hostPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  hostIP: Type.Optional(Type.String()),
  protocol: Type.Optional(Type.Enum(['SCTP', 'TCP', 'UDP'], { default: 'TCP' })),
});

/** v1 Container, the part that Drover's drivers honour. `image` is a package reference (`kafka:4.3.0`) on the process driver. */
export const Container = Type.Object({
  name: Type.String({ minLength: 1 }),
  image: Type.Optional(Type.String()),
  imagePullPolicy: Type.Optional(Type.Enum(['Always', 'IfNotPresent', 'Never'])),
  command: Type.Optional(Type.Array(Type.String())),
  args: Type.Optional(Type.Array(Type.String())),
  workingDir: Type.Optional(Type.String()),
  env: Type.Optional(Type.Array(EnvVar)),
  ports: Type.Optional(Type.Array(ContainerPort)),
  resources: Type.Optional(Resources),
  volumeMounts: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String(),
        mountPath: Type.String({ minLength: 1 }),
        subPath: Type.Optional(Type.String()),
        readOnly: Type.Optional(Type.Boolean()),
      }),
    ),
  ),
  startupProbe: Type.Optional(Probe),
  readinessProbe: Type.Optional(Probe),
  livenessProbe: Type.Optional(Probe),
  terminationMessagePath: Type.Optional(Type.String()),
  terminationMessagePolicy: Type.Optional(Type.String()),
  securityContext: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  stdin: Type.Optional(Type.Boolean()),
  stdinOnce: Type.Optional(Type.Boolean()),
  tty: Type.Optional(Type.Boolean()),
});
export type Container = Static<typeof Container>;

const KeyToPath = Type.Object({ key: Type.String(), path: Type.String(), mode: Type.Optional(Type.Integer()) });

/** v1 Volume: emptyDir, hostPath, configMap, secret, persistentVolumeClaim. */
export const Volume = Type.Object({
  name: Type.String({ minLength: 1 }),
  emptyDir: Type.Optional(Type.Object({ medium: Type.Optional(Type.String()), sizeLimit: Type.Optional(Quantity) })),
  hostPath: Type.Optional(Type.Object({ path: Type.String(), type: Type.Optional(Type.String()) })),
  configMap: Type.Optional(
    Type.Object({
      name: Type.Optional(Type.String()),
      items: Type.Optional(Type.Array(KeyToPath)),
      defaultMode: Type.Optional(Type.Integer()),
      optional: Type.Optional(Type.Boolean()),
    }),
  ),
  secret: Type.Optional(
    Type.Object({
      secretName: Type.Optional(Type.String()),
      items: Type.Optional(Type.Array(KeyToPath)),
      defaultMode: Type.Optional(Type.Integer()),
      optional: Type.Optional(Type.Boolean()),
    }),
  ),
  persistentVolumeClaim: Type.Optional(Type.Object({ claimName: Type.String(), readOnly: Type.Optional(Type.Boolean()) })),
});

export const PodSpec = Type.Object({
  containers: Type.Array(Container, { minItems: 1 }),
  volumes: Type.Optional(Type.Array(Volume)),
  nodeName: Type.Optional(Type.String()),
  nodeSelector: Type.Optional(Type.Record(Type.String(), Type.String())),
  restartPolicy: Type.Optional(Type.Enum(['Always', 'OnFailure', 'Never'], { default: 'Always' })),
  terminationGracePeriodSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: INT32_MAX, default: 30 })),
  hostNetwork: Type.Optional(Type.Boolean()),
  hostname: Type.Optional(Type.String()),
  subdomain: Type.Optional(Type.String()),
  dnsPolicy: Type.Optional(Type.String()),
  schedulerName: Type.Optional(Type.String()),
  serviceAccountName: Type.Optional(Type.String()),
  serviceAccount: Type.Optional(Type.String()),
  automountServiceAccountToken: Type.Optional(Type.Boolean()),
  enableServiceLinks: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
  preemptionPolicy: Type.Optional(Type.String()),
  securityContext: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  tolerations: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  affinity: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  activeDeadlineSeconds: Type.Optional(Type.Integer()),
});
export type PodSpec = Static<typeof PodSpec>;

const Terminated = Type.Object({
  exitCode: Type.Integer(),
  signal: Type.Optional(Type.Integer()),
  reason: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  startedAt: Type.Optional(Type.Union([Time, Type.Null()])),
  finishedAt: Type.Optional(Type.Union([Time, Type.Null()])),
  containerID: Type.Optional(Type.String()),
});

/** v1 ContainerState: exactly one member. */
export const ContainerState = Type.Object({
  waiting: Type.Optional(Type.Object({ reason: Type.Optional(Type.String()), message: Type.Optional(Type.String()) })),
  running: Type.Optional(Type.Object({ startedAt: Type.Optional(Type.Union([Time, Type.Null()])) })),
  terminated: Type.Optional(Terminated),
});
export type ContainerState = Static<typeof ContainerState>;

export const ContainerStatus = Type.Object({
  name: Type.String(),
  state: Type.Optional(ContainerState),
  lastState: Type.Optional(ContainerState),
  ready: Type.Boolean(),
  started: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  restartCount: Type.Integer(),
  image: Type.String(),
  imageID: Type.String(),
  containerID: Type.Optional(Type.String()),
});
export type ContainerStatus = Static<typeof ContainerStatus>;

export const PodStatus = Type.Object({
  phase: Type.Optional(Type.Enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'])),
  conditions: Type.Optional(Type.Array(Condition)),
  message: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  hostIP: Type.Optional(Type.String()),
  podIP: Type.Optional(Type.String()),
  podIPs: Type.Optional(Type.Array(Type.Object({ ip: Type.Optional(Type.String()) }))),
  startTime: Type.Optional(Type.Union([Time, Type.Null()])),
  containerStatuses: Type.Optional(Type.Array(ContainerStatus)),
  qosClass: Type.Optional(Type.String()),
  observedGeneration: Type.Optional(Type.Integer()),
});
export type PodStatus = Static<typeof PodStatus>;

/** v1 Pod. */
export const Pod = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('Pod'),
  metadata: ObjectMeta,
  spec: PodSpec,
  status: Type.Optional(PodStatus),
});
export type Pod = Static<typeof Pod>;

export const podKind: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  origin: 'builtin',
  schema: Pod,
  hasStatus: true,
  hasGeneration: true,
  columns: podColumns,
  defaults: podDefaults,
  invariants: podCauses,
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.podIPs': status?.podIP ?? '',
    'status.nominatedNodeName': '',
  }),
  gracefulDeletionSeconds({ spec, status }) {
    // Nobody waits for a Pod that no machine has, or that has ended.
    if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0;
    return spec.terminationGracePeriodSeconds ?? 30;
  },
  description: 'One incarnation of a pod: tasks that run together on one node.',
};
