/** What a task id says: which container of which Pod (by uid), and which attempt (= the container's restart count). */
export interface TaskName {
  readonly podUid: string;
  readonly container: string;
  readonly attempt: number;
}

/** `<pod uid>/<container>/<attempt>`: names one execution for ever. */
export function taskId(podUid: string, container: string, attempt: number): string {
  return `${podUid}/${container}/${attempt}`;
}

/** The parts of a task id; undefined when the text is not one. */
export function parseTaskId(id: string): TaskName | undefined {
  const match = /^([^/]+)\/([^/]+)\/(\d+)$/.exec(id);
  return match ? { podUid: match[1]!, container: match[2]!, attempt: Number(match[3]) } : undefined;
}
