import type { ObjectKey, Resource, Stored } from '../model/resource.ts';

type Bucket<T extends Resource> = Map<string, Stored<T>>;

/**
 * Objects of one kind in memory, with indexes that are made at first use and kept up with every change. Objects are shared: never change them.
 * `byLabel` and `byOwner` are ordered by namespace and name; `list` promises no order.
 */
export class ResourceCache<T extends Resource = Resource> {
  readonly #byNamespace = new Map<string, Bucket<T>>();
  readonly #labels = new Map<string, Map<string, Bucket<T>>>();
  #owners: Map<string, Bucket<T>> | undefined;
  #size = 0;

  /** How many objects it holds. */
  get size(): number {
    return this.#size;
  }

  /** The object, or undefined. */
  get(key: ObjectKey): Stored<T> | undefined {
    return this.#byNamespace.get(key.namespace ?? '')?.get(key.name);
  }

  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly Stored<T>[] {
    if (namespace !== undefined) return [...(this.#byNamespace.get(namespace)?.values() ?? [])];
    return [...this.#byNamespace.values()].flatMap((bucket) => [...bucket.values()]);
  }

  /** Objects of a namespace that carry `label` with `value`. */
  byLabel(namespace: string, label: string, value: string): readonly Stored<T>[] {
    let index = this.#labels.get(label);
    if (!index) {
      index = new Map();
      this.#labels.set(label, index);
      for (const object of this.list()) insert(index, labelKey(object, label), object);
    }
    return ordered(index.get(`${namespace}/${value}`));
  }

  /** Objects whose ownerReferences hold `uid`. */
  byOwner(uid: string): readonly Stored<T>[] {
    if (!this.#owners) {
      this.#owners = new Map();
      for (const object of this.list()) for (const owner of ownersOf(object)) insert(this.#owners, owner, object);
    }
    return ordered(this.#owners.get(uid));
  }

  /** Puts an object in, or in place of its older state, which it returns. */
  put(object: Stored<T>): Stored<T> | undefined {
    const { namespace = '', name } = object.metadata;
    let bucket = this.#byNamespace.get(namespace);
    if (!bucket) this.#byNamespace.set(namespace, (bucket = new Map()));
    const old = bucket.get(name);
    if (old) this.#unindex(old);
    else this.#size++;
    bucket.set(name, object);
    for (const [label, index] of this.#labels) insert(index, labelKey(object, label), object);
    if (this.#owners) for (const owner of ownersOf(object)) insert(this.#owners, owner, object);
    return old;
  }

  /** Takes an object out and returns its last state. */
  remove(key: ObjectKey): Stored<T> | undefined {
    const namespace = key.namespace ?? '';
    const bucket = this.#byNamespace.get(namespace);
    const old = bucket?.get(key.name);
    if (!bucket || !old) return undefined;
    bucket.delete(key.name);
    if (bucket.size === 0) this.#byNamespace.delete(namespace);
    this.#size--;
    this.#unindex(old);
    return old;
  }

  #unindex(object: Stored<T>): void {
    for (const [label, index] of this.#labels) withdraw(index, labelKey(object, label), object);
    if (this.#owners) for (const owner of ownersOf(object)) withdraw(this.#owners, owner, object);
  }
}

function labelKey(object: Resource, label: string): string | undefined {
  const value = object.metadata.labels?.[label];
  return value === undefined ? undefined : `${object.metadata.namespace ?? ''}/${value}`;
}

function ownersOf(object: Resource): string[] {
  return object.metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
}

function idOf(object: Resource): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function insert<T extends Resource>(index: Map<string, Bucket<T>>, key: string | undefined, object: Stored<T>): void {
  if (key === undefined) return;
  let bucket = index.get(key);
  if (!bucket) index.set(key, (bucket = new Map()));
  bucket.set(idOf(object), object);
}

function withdraw<T extends Resource>(index: Map<string, Bucket<T>>, key: string | undefined, object: Stored<T>): void {
  if (key === undefined) return;
  const bucket = index.get(key);
  bucket?.delete(idOf(object));
  if (bucket?.size === 0) index.delete(key);
}

function ordered<T extends Resource>(bucket: Bucket<T> | undefined): readonly Stored<T>[] {
  if (!bucket) return [];
  if (bucket.size === 1) return [...bucket.values()];
  return [...bucket].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
