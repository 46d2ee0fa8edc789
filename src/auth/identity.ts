/** Who asks. `groups` as Kubernetes has them; `system:masters` may do everything. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Finds who a request's `Authorization` header belongs to; undefined: nobody we know. */
export type Authenticate = (authorization: string | undefined) => Identity | undefined;
