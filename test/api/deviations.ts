/** One way in which Drover answers otherwise than kube-apiserver, on purpose. Rendered in docs/api.md. */
export interface Deviation {
  /** What is different, as a sentence. */
  readonly what: string;
  /** Why that is so. */
  readonly why: string;
  /** The differences that it explains: all must occur, and no difference may occur that none explains. */
  readonly differences: readonly ExplainedDifference[];
}

export interface ExplainedDifference {
  /** Over `script/name of the request`; absent: any. */
  readonly request?: RegExp;
  readonly path: RegExp;
  /** Drover's value: a pattern over texts, `null` for "not there", anything else exactly. Absent: any. */
  readonly ours?: unknown;
}

const POD_SPEC = String.raw`body(\.items\[\d+\])?\.spec`;

export const deviations: readonly Deviation[] = [
  {
    what: '`metadata.managedFields` is not kept.',
    why: 'It serves server-side apply, which Drover does not have yet.',
    differences: [{ path: /managedFields$/, ours: null }],
  },
  {
    what: 'Discovery has no `storageVersionHash`.',
    why: 'It tells storage migrators of several stored versions; Drover has one of each kind.',
    differences: [{ path: /storageVersionHash$/, ours: null }],
  },
  {
    what: 'Column descriptions are Drover’s own.',
    why: 'They are documentation.',
    differences: [{ path: /columnDefinitions\[\d+\]\.description$/ }],
  },
  {
    what: 'An empty map that was sent (`data: {}`, `labels: {}`) is kept as it was sent.',
    why: 'kube-apiserver loses it in its Go structs; for readers there is no difference.',
    differences: [
      { path: /^body\.data$/, ours: {} },
      { path: /metadata\.labels$/, ours: {} },
    ],
  },
  {
    what: 'A `resourceVersion` that is no number, or is set on a create, is 400 BadRequest with reason.',
    why: 'kube-apiserver answers 500 for what is the client’s mistake.',
    differences: [
      {
        request: /^configmap\/create with a resourceVersion$|malformed resourceVersion$|^watch\/resourceVersion that is no number$/,
        path: /^(body\.)?code$/,
        ours: 400,
      },
      {
        request: /^configmap\/create with a resourceVersion$|malformed resourceVersion$|^watch\/resourceVersion that is no number$/,
        path: /^body\.reason$/,
        ours: 'BadRequest',
      },
      {
        request: /malformed resourceVersion$|^watch\/resourceVersion that is no number$/,
        path: /^body\.message$/,
        ours: /invalid resource version: .*strconv\.ParseUint/,
      },
    ],
  },
  {
    what: 'A value that is wrong in a way that Go’s decoder would find (a quantity, base64, a time) is 422 Invalid and names the field.',
    why: 'kube-apiserver’s 400 does not say where in the object it is.',
    differences: ['pod/create with a bad quantity', 'other/secret with data that is not base64', 'other/lease with a bad time'].flatMap(
      (name) => [
        { request: new RegExp(`^${name}$`), path: /^(body\.)?code$/, ours: 422 },
        { request: new RegExp(`^${name}$`), path: /^body\.reason$/, ours: 'Invalid' },
        { request: new RegExp(`^${name}$`), path: /^body\.message$/, ours: /is invalid: / },
        { request: new RegExp(`^${name}$`), path: /^body\.details$/ },
      ],
    ),
  },
  {
    what: 'Texts about bodies that cannot be decoded are Node’s, not Go’s.',
    why: 'The parser is another; code and reason are the same.',
    differences: [
      { request: /is no JSON$|empty body$|without a body$/, path: /^body\.message$/, ours: /^the body of the request is not valid JSON: / },
      { request: /wrong version$/, path: /^body\.message$/, ours: /this address takes v1 ConfigMap$/ },
      { request: /^patch\/JSON patch that is no list$/, path: /^body\.message$/, ours: 'a JSON patch is an array of operations' },
      {
        request: /^list\/continue with a token that is none$/,
        path: /^body\.message$/,
        ours: /^invalid continue token: continue key is not valid: /,
      },
      { request: /^list\/label selector with an unclosed list$/, path: /^body\.message$/, ours: /^unable to parse requirement: found ''/ },
    ],
  },
  {
    what: 'A patch whose result is no valid object is refused with the mistake only, not with a dump of the whole object.',
    why: 'The dump is unreadable, and would show the data of a Secret.',
    differences: ['merge patch of the kind', 'merge patch with a wrong type', 'merge patch with an unknown field, Strict'].flatMap(
      (name) => [
        { request: new RegExp(`^patch/${name}$`), path: /^body\.details\.causes\[0\]\.message$/ },
        { request: new RegExp(`^patch/${name}$`), path: /^body\.message$/, ours: /^the patched object is invalid: / },
      ],
    ),
  },
  {
    what: 'A JSON patch that cannot be applied says which operation failed, and why.',
    why: 'kube-apiserver says only that there was an error in the request.',
    differences: [
      {
        request: /^patch\/JSON patch (whose test fails|of a missing member|with an unknown operation)$/,
        path: /^body\.message$/,
        ours: /operation 0/,
      },
      {
        request: /^patch\/JSON patch (whose test fails|of a missing member|with an unknown operation)$/,
        path: /^body\.details$/,
        ours: null,
      },
    ],
  },
  {
    what: 'A patch of an unknown type is told the types that are taken.',
    why: 'kube-apiserver says only “415: Unsupported Media Type”.',
    differences: [
      {
        request: /^patch\/patch of an unknown type$/,
        path: /^body\.message$/,
        ours: /accepted media types include: application\/json-patch\+json/,
      },
      { request: /^patch\/patch of an unknown type$/, path: /^body\.details$/, ours: null },
    ],
  },
  {
    what: 'Protobuf is taken but not written, and server-side apply is not there: 406 and 415 answers do not offer them.',
    why: 'Every client that reads protobuf reads JSON too; server-side apply comes later.',
    differences: [
      { request: /cannot be written$/, path: /^body\.message$/, ours: /: application\/json, application\/yaml$/ },
      { request: /^custom\/strategic merge patch$/, path: /^body\.message$/, ours: /application\/merge-patch\+json$/ },
    ],
  },
  {
    what: 'A patch of `metadata.uid` is a conflict.',
    why: 'Drover takes a uid in any write as a precondition, as kube-apiserver does in an update.',
    differences: [
      { request: /^patch\/merge patch of the uid$/, path: /^(body\.)?code$/, ours: 409 },
      { request: /^patch\/merge patch of the uid$/, path: /^body\.(reason|message|details\.causes|details\.kind)$/ },
    ],
  },
  {
    what: 'A new finalizer on an object that is being deleted is one cause, not the same one twice.',
    why: 'kube-apiserver validates metadata twice.',
    differences: [{ request: /finalizer while it is being deleted$/, path: /^body\.details\.causes\[1\]$/, ours: null }],
  },
  {
    what: 'A field selector that is not supported is named with those that are, in one text for all kinds.',
    why: 'kube-apiserver has one text for each of its registries.',
    differences: [{ request: /not selectable$/, path: /^body\.message$/, ours: /^field label not supported: / }],
  },
  {
    what: 'A watch with `sendInitialEvents` works.',
    why: 'The recorded kube-apiserver stands on etcd 3.4, where it cannot offer it; Drover answers as newer ones do.',
    differences: [{ request: /^watch\/initial events and the bookmark that ends them$/, path: /^body\[\d+\]/ }],
  },
  {
    what: 'Pods get none of the fields that only kubelet and admission plug-ins use: image pull policy, termination messages, DNS, priority, service account, security context, tolerations, an empty `hostPath.type`.',
    why: 'No driver honours them; what is sent is kept.',
    differences: [
      {
        path: new RegExp(
          String.raw`^${POD_SPEC}\.containers\[\d+\]\.(imagePullPolicy|resources|terminationMessagePath|terminationMessagePolicy)$`,
        ),
        ours: null,
      },
      {
        path: new RegExp(
          `^${POD_SPEC}\\.(dnsPolicy|enableServiceLinks|preemptionPolicy|priority|schedulerName|securityContext|serviceAccount|serviceAccountName|tolerations|volumes\\[\\d+\\]\\.hostPath\\.type)$`,
        ),
        ours: null,
      },
    ],
  },
  {
    what: 'A Pod without `spec` is told that `spec` is missing.',
    why: 'kube-apiserver takes an absent spec for an empty one and names what that lacks.',
    differences: [
      { request: /^pod\/create without spec$/, path: /^body\.details\.causes\[0\]\.field$/, ours: 'spec' },
      { request: /^pod\/create without spec$/, path: /^body\.message$/, ours: /: spec: Required value$/ },
    ],
  },
  {
    what: 'The log of a Pod that has no node yet is 400 and says so.',
    why: 'kube-apiserver answers 204 without a word.',
    differences: [{ request: /^pod\/log of a pod without a node$/, path: /^(code|contentType|body)$/ }],
  },
  {
    what: 'A namespace’s name with a dot is refused with a text of its own.',
    why: 'It says what to leave out.',
    differences: [{ request: /^other\/namespace with a bad name$/, path: /message$/, ours: /must not contain dots$/ }],
  },
  {
    what: 'Secrets of special types may lack the keys that Kubernetes wants; a Lease may have any duration; a Lease is not made by an update.',
    why: 'Rules of single registries that nothing in Drover stands on.',
    differences: [
      { request: /^other\/(secret of a type that wants keys|lease with a bad duration|a lease made by an update)$/, path: /./ },
    ],
  },
  {
    what: 'Events have no empty `eventTime`, `reportingComponent`, `reportingInstance`.',
    why: 'Artefacts of Go structs.',
    differences: [{ path: /\.(eventTime|reportingComponent|reportingInstance)$/, ours: null }],
  },
  {
    what: 'A new Node has no taint, and its status no empty structs; `allocatable` is what the agent says.',
    why: 'Admission and Go structs make them.',
    differences: [
      { request: /^other\/(node|cordon|node status)$/, path: /^body\.(spec|spec\.taints|status)$/, ours: null },
      {
        request: /^other\/node status$/,
        path: /^body\.status\.(allocatable|daemonEndpoints|nodeInfo|conditions\[0\]\.last\w+Time)$/,
        ours: null,
      },
    ],
  },
  {
    what: 'A wrong `kind` or `apiVersion` in a body is refused alike for all kinds: 400, with what the address takes.',
    why: 'kube-apiserver has another text and code for custom resources.',
    differences: [
      { request: /^custom\/create with a wrong kind$/, path: /^(body\.)?code$/, ours: 400 },
      { request: /^custom\/create with a wrong kind$/, path: /^body\.(details|reason)$/ },
      {
        request: /^custom\/create with a wrong (kind|apiVersion)$/,
        path: /^body\.message$/,
        ours: /this address takes drover\.dev\/v1alpha1 Package$/,
      },
      { request: /^custom\/create with a wrong apiVersion$/, path: /^warnings\[0\]$/, ours: null },
    ],
  },
  {
    what: 'A whole list of custom resources has no empty `metadata.continue`.',
    why: 'As lists of built-in kinds.',
    differences: [{ request: /^custom\//, path: /^body\.metadata\.continue$/, ours: null }],
  },
  {
    what: 'The status of a kind that has none is an unknown path.',
    why: 'There is nothing there; both are 404 NotFound.',
    differences: [
      {
        request: /^custom\/status that it does not have$/,
        path: /^body\.message$/,
        ours: 'the server could not find the requested resource',
      },
      { request: /^custom\/status that it does not have$/, path: /^body\.details\.(group|kind|name)$/, ours: null },
    ],
  },
];
