/** The Kubernetes release whose API conventions are followed: what kubectl compares itself with. */
const KUBERNETES = { major: '1', minor: '34', patch: '4' };

/** The document of `/version`. */
export function versionDocument(version: string): object {
  const { major, minor, patch } = KUBERNETES;
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.${patch}+drover.${version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
