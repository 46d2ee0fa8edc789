/** How strategic merge treats the list fields of built-in kinds: merged by a key of their items, or as a set; all others are replaced. */
export type ListMerge = { readonly type: 'by-key'; readonly key: string } | { readonly type: 'set' };

const byKey = (key: string): ListMerge => ({ type: 'by-key', key });

/** By field name (unambiguous over our built-in kinds); from Kubernetes' `patchMergeKey` tags. */
export const LIST_MERGES: Readonly<Record<string, ListMerge>> = {
  containers: byKey('name'),
  initContainers: byKey('name'),
  ephemeralContainers: byKey('name'),
  volumes: byKey('name'),
  env: byKey('name'),
  imagePullSecrets: byKey('name'),
  ports: byKey('containerPort'),
  volumeMounts: byKey('mountPath'),
  volumeDevices: byKey('devicePath'),
  conditions: byKey('type'),
  addresses: byKey('type'),
  podIPs: byKey('ip'),
  hostIPs: byKey('ip'),
  hostAliases: byKey('ip'),
  ownerReferences: byKey('uid'),
  finalizers: { type: 'set' },
  podCIDRs: { type: 'set' },
};
