import { Type, type Static } from 'typebox';

/** Largest integer of these fields: they are int32 in Kubernetes. */
export const INT32_MAX = 0x7fff_ffff;

const IntOrString = Type.Union([Type.Integer(), Type.String()]);

/** v1 Probe: exactly one of exec, httpGet, tcpSocket. Defaults and minima as Kubernetes'. */
export const Probe = Type.Object({
  exec: Type.Optional(Type.Object({ command: Type.Array(Type.String()) })),
  httpGet: Type.Optional(
    Type.Object({
      path: Type.Optional(Type.String({ default: '/' })),
      port: IntOrString,
      host: Type.Optional(Type.String()),
      scheme: Type.Optional(Type.Enum(['HTTP', 'HTTPS'], { default: 'HTTP' })),
      httpHeaders: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
    }),
  ),
  tcpSocket: Type.Optional(Type.Object({ port: IntOrString, host: Type.Optional(Type.String()) })),
  initialDelaySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: INT32_MAX })),
  periodSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: INT32_MAX, default: 10 })),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: INT32_MAX, default: 1 })),
  successThreshold: Type.Optional(Type.Integer({ minimum: 1, maximum: INT32_MAX, default: 1 })),
  failureThreshold: Type.Optional(Type.Integer({ minimum: 1, maximum: INT32_MAX, default: 3 })),
  terminationGracePeriodSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: INT32_MAX })),
});
export type Probe = Static<typeof Probe>;
