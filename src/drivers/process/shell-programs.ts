/**
 * The shell program of the process driver, written to `<dir>/bin/supervise` at open: one **spawner** a driver, and a **supervisor** a task, which is
 * a fork of it. POSIX sh; besides it only `setsid` (util-linux) and `mv`. All state is passed by files, so a `kill -9` between any two lines leaves
 * something that `judge.ts` can read.
 *
 * The spawner reads task keys from its standard input and forks a supervisor for each: a shell does that in a fraction of the time that Node needs,
 * and blocks nobody. It answers `+key` or `-key` (no more processes). When Drover dies it reads the end of its input and ends; supervisors and tasks
 * live on. A second spawner over the same directory does no harm, since supervisors claim.
 *
 * Supervisors are not background jobs: a shell lets those ignore SIGINT and SIGQUIT, and their tasks with them (a JVM without thread dumps). They
 * are forked in the foreground of a subshell that they kill at once, so that the spawner need not wait for them and nobody has to reap them but init.
 *
 * A supervisor in order:
 * 1. Claims the task by making \`claim\` with O_EXCL (\`set -C\`): who loses ends. So a task may be handed to any number of supervisors and runs once.
 *    The claim names the supervisor: pid, start time, boot id.
 * 2. Forks the task. The child makes \`state/<key>.run\` with O_EXCL, and only if that works turns into the task, in a session of its own: if a driver
 *    has made that file meanwhile, having given up a supervisor that died, the task never runs.
 * 3. Waits. At the end it kills what is left of the task's process group, so that nothing holds on to volumes, and renames the exit record to
 *    \`state/<key>.exit\`. On a full disk it tries again each second.
 *
 * A shell prints a word ("Killed") for a child that a signal ended: that tells \`exit 143\` from SIGTERM. It prints none for SIGINT and SIGPIPE.
 * Records end with a dot: without it they were cut short and do not count.
 */
export const SUPERVISE_PROGRAM = `# Drover: forks a supervisor for each task named on standard input. Usage: supervise <dir>
root=$1
state=$root/state
read -r boot </proc/sys/kernel/random/boot_id

record() {
  until printf '%s .\\n' "$1" 2>/dev/null >exit; do
    [ -d "$state" ] || exit 1
    sleep 1
  done
  [ -e "$state/$key.exit" ] || exec mv -f exit "$state/$key.exit"
}

supervise() {
  read -r stat </proc/self/stat
  supervisor=\${stat%% *}
  set -- \${stat##*) }
  kill -s KILL "$2"
  supervisor="$supervisor \${20} $boot"
  # A group that loses its leader while a member is stopped gets SIGHUP.
  trap '' HUP
  cd "$root/tasks/$key" || exit 0
  set -C
  printf '%s .\\n' "$supervisor" >claim || exit 0
  exec 2>note
  set +C
  trap 'record "lost failed-start"' EXIT
  (
    trap - HUP
    read -r stat </proc/self/stat
    pid=\${stat%% *}
    set -- \${stat##*) }
    set -C
    printf '%s .\\n' "$supervisor $pid \${20}" 2>/dev/null >"$state/$key.run" || exit 0
    set +C
    set --
    . ./run
  ) >>log 2>&1
  status=$?
  trap - EXIT
  exec 2>/dev/null
  signalled=0
  if [ "$status" -gt 128 ]; then
    if [ -s note ] || [ "$status" = 130 ] || [ "$status" = 141 ]; then signalled=1; fi
  fi
  read -r _ _ _ pid _ <"$state/$key.run" && [ -n "$pid" ] && kill -s KILL -- "-$pid"
  record "exited $status $signalled"
  exit 0
}

while IFS= read -r key; do
  (
    ( supervise )
    exit 1
  ) </dev/null >/dev/null 2>&1
  if [ $? = 137 ]; then
    echo "+$key"
  else
    echo "-$key"
  fi
done
`;
