/** Names that a shell keeps for itself: exporting them would change or break the shell that does it. */
const SHELL_NAMES =
  /^(_|IFS|PS[0-9]|OPTIND|OPTARG|OPTERR|LINENO|PPID|UID|EUID|ENV|PWD|OLDPWD|SHELLOPTS|HISTSIZE|ATTY|BASH.*|FUNCNAME|DIRSTACK|GROUPS|RANDOM|SECONDS|MAIL.*)$/;

/**
 * The text of a task's `run` file: sourced by its supervisor it becomes the task, in a session of its own; sourced with arguments it becomes that
 * command in the task's environment and directory (exec). `workingDir` is relative to the task's directory `work`.
 */
export function runScript(task: {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Absolute path of setsid(1), since the task's own PATH may not have it. */
  readonly setsid: string;
  /** Absolute path of env(1), for names that a shell cannot export. */
  readonly envProgram: string;
}): string {
  const entries = Object.entries(task.env);
  const exportable = ([name]: [string, string]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SHELL_NAMES.test(name);
  const others = entries.filter((entry) => !exportable(entry)).map(([name, value]) => quote(`${name}=${value}`));
  const prefix = others.length > 0 ? `${quote(task.envProgram)} -- ${others.join(' ')} ` : '';
  const directory = task.workingDir === undefined || task.workingDir === '.' ? 'work' : `work/${task.workingDir}`;
  return [
    `cd -P -- ${quote(directory)} || exit 125`,
    'unset OLDPWD',
    ...entries.filter(exportable).map(([name, value]) => `export ${name}=${quote(value)}`),
    'case $# in',
    `0) exec ${quote(task.setsid)} ${prefix}${task.command.map(quote).join(' ')} ;;`,
    'esac',
    `exec ${prefix}"$@"`,
    '',
  ].join('\n');
}

/** `text` as one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
