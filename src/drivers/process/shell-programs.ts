/**
 * The two shell programs of the process driver, written to `<dir>/bin` at open. POSIX sh; besides it they use only `setsid` (util-linux) and
 * `mv`. All state is passed by files, so a `kill -9` between any two lines leaves something that `judge.ts` can read.
 *
 * **spawn** (one per driver) reads task keys from its standard input and forks a supervisor for each: a shell forks in a fraction of the time
 * that Node needs, and blocks nobody. It answers `+key` or `-key` (no more processes). When Drover dies it reads the end of its input and ends;
 * supervisors and tasks live on. A second one over the same directory does no harm, since supervisors claim.
 */
export const SPAWN_PROGRAM = `# Drover: forks a supervisor for each task named on standard input. Usage: spawn <dir> <setsid>
root=$1 setsid=$2
while IFS= read -r key; do
  if "$setsid" -f /bin/sh "$root/bin/supervise" "$root" "$key" </dev/null >/dev/null 2>&1; then
    echo "+$key"
  else
    echo "-$key"
  fi
done
`;

/**
 * **supervise** (one per task, in a session of its own) in order:
 * 1. Claims the task by making \`claim\` with O_EXCL (\`set -C\`): who loses ends. So a task may be handed to any number of supervisors and runs once.
 *    The claim names the supervisor: pid, start time, boot id.
 * 2. Forks the task in its foreground (a background job would ignore SIGINT and SIGQUIT, and so would a JVM in it). The child makes
 *    \`state/<key>.run\` with O_EXCL, and only if that works turns into the task: if a driver has made that file meanwhile, having given up a
 *    supervisor that died, the task never runs.
 * 3. Waits. At the end it kills what is left of the task's process group, so that nothing holds on to volumes, and renames the exit record to
 *    \`state/<key>.exit\`. On a full disk it tries again each second.
 *
 * A shell prints a word ("Killed") for a child that a signal ended: that tells \`exit 143\` from SIGTERM. It prints none for SIGINT and SIGPIPE.
 * Records end with a dot: without it they were cut short and do not count.
 */
export const SUPERVISE_PROGRAM = `# Drover: runs one task and records how it ends. Usage: supervise <dir> <key>
state=$1/state key=$2
cd "$1/tasks/$2" 2>/dev/null || exit 0
read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/self/stat
set -- \${stat##*) }
supervisor="$$ \${20} $boot"

record() {
  until printf '%s .\\n' "$1" 2>/dev/null >exit; do
    [ -d "$state" ] || exit 1
    sleep 1
  done
  [ -e "$state/$key.exit" ] || exec mv -f exit "$state/$key.exit"
}

set -C
printf '%s .\\n' "$supervisor" 2>/dev/null >claim || exit 0
exec 2>note
set +C
trap 'record "lost failed-start"' EXIT
(
  read -r stat </proc/self/stat
  pid=\${stat%% *}
  set -- \${stat##*) }
  set -C
  printf '%s .\\n' "$supervisor $pid \${20}" 2>/dev/null >"$state/$key.run" || exit 0
  set +C
  set --
  . ./run
) </dev/null >>log 2>&1
status=$?
trap - EXIT
exec 2>/dev/null
signalled=0
if [ "$status" -gt 128 ]; then
  if [ -s note ] || [ "$status" = 130 ] || [ "$status" = 141 ]; then signalled=1; fi
fi
read -r _ _ _ pid _ <"$state/$key.run" && [ -n "$pid" ] && kill -s KILL -- "-$pid"
record "exited $status $signalled"
`;
