import { createHash } from 'node:crypto';

/**
 * The cluster id of a Kafka, 22 characters of base64url made from the object's uid: the same after every restart of the control plane, another one for
 * an object that was deleted and made again. Never starts with '-', which the format tool would take for an option.
 */
export function clusterIdOf(uid: string): string {
  for (let attempt = 0; ; attempt++) {
    const id = createHash('sha256').update(`drover-kafka:${attempt}:${uid}`).digest().subarray(0, 16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
