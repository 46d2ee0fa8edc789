import { DroverError, type FieldCause } from '../base/errors.ts';
import type { TaskConfig } from './driver.ts';

/** Longest task id, percent-encoded: it becomes a file name. */
const MAX_ID_LENGTH = 240;

/** A task's id as one file name: percent-encoded, never hidden. Undefined when it cannot be one (empty, too long, not Unicode). */
export function taskKey(id: string): string | undefined {
  if (!id.isWellFormed()) return undefined;
  const key = encodeURIComponent(id).replace(/^\./, '%2E');
  return key.length > 0 && key.length <= MAX_ID_LENGTH ? key : undefined;
}

/** Throws `invalid`, naming every wrong field, when no driver could run `task`. */
export function checkTask(task: TaskConfig): void {
  const causes: FieldCause[] = [];
  const wrong = (field: string, message: string) => causes.push({ field, reason: 'FieldValueInvalid', message });

  if (taskKey(task.id) === undefined) wrong('id', `must have 1 to ${MAX_ID_LENGTH} characters, percent-encoded`);
  if (task.command.length === 0 || task.command[0] === '') wrong('command', 'must name a program');
  task.command.forEach((argument, i) => argument.includes('\0') && wrong(`command[${i}]`, 'must not contain NUL'));
  for (const [name, value] of Object.entries(task.env)) {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0')) wrong(`env[${name}]`, 'must be a name without "=" and without NUL');
  }
  const taken = new Map<string, string>();
  const place = (field: string, path: string) => {
    const problem = pathProblem(path);
    if (problem) return wrong(field, problem);
    for (const [other, owner] of taken) {
      const nested = owner.startsWith('mounts') || field.startsWith('mounts');
      if (other === path || (nested && (path.startsWith(`${other}/`) || other.startsWith(`${path}/`)))) {
        wrong(field, `lies in the way of ${owner} (${other})`);
      }
    }
    taken.set(path, field);
  };
  task.files.forEach((file, i) => place(`files[${i}].path`, file.path));
  task.mounts.forEach((mount, i) => {
    place(`mounts[${i}].path`, mount.path);
    if (!mount.target.startsWith('/') || mount.target.includes('\0')) wrong(`mounts[${i}].target`, 'must be an absolute path');
  });
  if (task.workingDir !== undefined && task.workingDir !== '.') {
    const problem = pathProblem(task.workingDir);
    if (problem) wrong('workingDir', problem);
  }
  if (task.maxLogBytes !== undefined && !(task.maxLogBytes >= 4096)) wrong('maxLogBytes', 'must be 4096 or more');

  if (causes.length > 0) {
    const text = causes.map((cause) => `${cause.field} ${cause.message}`).join('; ');
    throw new DroverError('invalid', `Task ${task.id} (${task.label}) cannot run: ${text}.`, { causes });
  }
}

function pathProblem(path: string): string | undefined {
  if (path === '' || path.startsWith('/') || path.includes('\0')) return 'must be a relative path';
  if (path.split('/').some((part) => part === '..' || part === '.' || part === '')) return 'must not contain ".", ".." or empty parts';
  return undefined;
}
