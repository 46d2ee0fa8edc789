import { DroverError } from '../base/errors.ts';
import type { Container, Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import type { TaskConfig } from '../drivers/driver.ts';
import type { Gate } from './gate.ts';
import type { PackageCache, PackageProgress } from './package-cache.ts';
import { containerEnv, type EnvSources } from './container-env.ts';
import { expand } from './expand.ts';
import { imageDirectory, parseImage } from './image.ts';
import { taskId } from './task-id.ts';
import { insideTask, taskVolumes, type VolumeSources } from './volumes.ts';

/** Where the package of a container's image is shown in the task's directory. */
const PACKAGE_PATH = 'package';

/** What a task is made from. */
export interface TaskSources extends EnvSources, VolumeSources {
  readonly packages: PackageCache;
  /** Bounds how many tasks are put together at once; fetching a package does not count. */
  readonly gate: Gate;
}

/** A task ready for the driver, or the Kubernetes waiting reason and the sentence why it cannot be started now. */
export type Prepared =
  | { readonly type: 'ready'; readonly config: TaskConfig }
  | { readonly type: 'blocked'; readonly reason: BlockReason; readonly message: string };

export type BlockReason = 'ErrImagePull' | 'InvalidImageName' | 'CreateContainerConfigError' | 'ContainerCreating' | 'RunContainerError';

/** Puts together the task of one execution of a container; fetches its package first. Rejects only when `signal` aborts. */
export async function prepareTask(
  sources: TaskSources,
  pod: Stored<Pod>,
  container: Container,
  attempt: number,
  options: { onProgress: (progress: PackageProgress) => void; signal: AbortSignal },
): Promise<Prepared> {
  let stage: BlockReason = 'InvalidImageName';
  try {
    const image = container.image ? parseImage(container.image) : undefined;
    stage = 'ErrImagePull';
    const packageDirectory = image && (await imageDirectory(sources.client, sources.packages, image, options));
    return await sources.gate.run(async () => {
      options.signal.throwIfAborted();
      stage = 'CreateContainerConfigError';
      const env = await containerEnv(sources, pod, container);
      const command = [...(container.command ?? []), ...(container.args ?? [])].map((part) => expand(part, env));
      if (command.length === 0) throw new DroverError('invalid', `container "${container.name}" names no command`);
      const workingDir = container.workingDir === undefined ? undefined : workingDirectory(container.workingDir);
      stage = 'ContainerCreating';
      const { files, mounts } = await taskVolumes(sources, pod, container);
      const shown = packageDirectory === undefined ? [] : [{ path: PACKAGE_PATH, target: packageDirectory, readOnly: true }];
      const config: TaskConfig = {
        id: taskId(pod.metadata.uid, container.name, attempt),
        label: `${pod.metadata.namespace}/${pod.metadata.name} ${container.name}`,
        command,
        env,
        files,
        mounts: [...shown, ...mounts],
        ...(workingDir !== undefined && { workingDir }),
      };
      return { type: 'ready', config };
    });
  } catch (error) {
    options.signal.throwIfAborted();
    return { type: 'blocked', reason: stage, message: error instanceof Error ? error.message : String(error) };
  }
}

function workingDirectory(path: string): string | undefined {
  return path === '/' || path === '.' || path === '' ? undefined : insideTask(path);
}
