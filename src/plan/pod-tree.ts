interface TreeInstance {
  readonly name?: string;
  readonly tasks?: readonly { readonly name?: string; readonly status?: string }[];
}

/** The text tree of all pods of a service as DC/OS's CLI prints it (dcos.md 1.4), without a newline at the end. */
export function podTree(view: {
  readonly service?: string;
  readonly pods?: readonly { readonly name?: string; readonly instances?: readonly TreeInstance[] }[];
}): string {
  const pods = view.pods ?? [];
  const lines = [known(view.service)];
  pods.forEach((pod, i) => {
    const lastPod = i === pods.length - 1;
    lines.push(`${lastPod ? '└─ ' : '├─ '}${known(pod.name)}`);
    const instances = pod.instances ?? [];
    instances.forEach((instance, j) => {
      const lastInstance = j === instances.length - 1;
      const indent = lastPod ? '   ' : '│  ';
      lines.push(`${indent}${lastInstance ? '└─ ' : '├─ '}${known(instance.name)}`);
      lines.push(...taskLines(instance, `${indent}${lastInstance ? '   ' : '│  '}`));
    });
  });
  return lines.join('\n');
}

/** The text tree of one pod instance. */
export function podInstanceTree(instance: TreeInstance): string {
  return [known(instance.name), ...taskLines(instance, '')].join('\n');
}

function taskLines(instance: TreeInstance, indent: string): string[] {
  const tasks = instance.tasks ?? [];
  return tasks.map((task, i) => `${indent}${i === tasks.length - 1 ? '└─ ' : '├─ '}${known(task.name)} (${known(task.status)})`);
}

function known(text: string | undefined): string {
  return text === undefined || text === '' ? '<UNKNOWN>' : text;
}
