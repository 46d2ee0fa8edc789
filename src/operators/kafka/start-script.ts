/**
 * What the broker task runs: `sh config/start.sh`, a template in mustache. It formats a new volume once and becomes the JVM, so that SIGTERM
 * reaches it. A volume is formatted aside and moved into place, so it is formatted or not, never half. Formatting a volume that held data could let an
 * empty majority wipe the cluster's metadata: one that has been in use (`initialized`) is refused, whatever became of its files.
 * Only broker 0 of a cluster that was never formed starts a quorum; all others join the one there is.
 */
export function startScript(clusterId: string, jvmArguments: readonly string[]): string {
  return `#!/bin/sh
set -eu
java="\${JAVA_HOME:+$JAVA_HOME/bin/}java"
logging=-Dlog4j2.configurationFile=config/log4j2.properties
if [ ! -f ${DATA}/meta.properties ]; then
  if [ "{{volumes.data.initialized}}" = true ] || [ -n "$(ls -A ${DATA} 2>/dev/null)" ]; then
    echo "drover: the data of broker {{index}} is gone or damaged: its volume has been in use but holds no meta.properties." >&2
    echo "drover: it is not formatted again. Bring the data back, or start it anew from the other brokers: drover {{service}} pod replace {{name}}" >&2
    exit 78
  fi
  set -- {{#peers.kafka}}{{index}} {{/peers.kafka}}
  quorum=--no-initial-controllers
  if [ {{index}} = 0 ] && { [ "{{formed}}" != true ] || [ $# -le 1 ]; }; then quorum=--standalone; fi
  rm -rf data/.format
  sed 's#^log.dirs=.*#log.dirs=data/.format#' config/server.properties > data/.format.properties
  "$java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$logging" -cp 'package/libs/*' \\
    kafka.tools.StorageTool format --cluster-id=${clusterId} --config data/.format.properties "$quorum"
  rm -rf ${DATA} data/.format.properties
  mv data/.format ${DATA}
fi
exec "$java" ${jvmArguments.map(shellQuoted).join(' ')} "$logging" -cp 'package/libs/*' kafka.Kafka config/server.properties
`;
}

/** Where the broker keeps its logs, relative to its task's directory: below the volume's root, where file systems put lost+found. */
export const DATA = 'data/kafka';

/** One word of sh, whatever it holds. */
function shellQuoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
