/** Pinned, so that the same package gives the same files everywhere. */
export const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** `groupId:artifactId:version` taken apart; undefined when it is something else. */
export function parseCoordinates(text: string): { groupId: string; artifactId: string; version: string } | undefined {
  const match = /^([\w.-]+):([\w.-]+):([\w.-]+)$/.exec(text);
  return match ? { groupId: match[1]!, artifactId: match[2]!, version: match[3]! } : undefined;
}

/** A project whose only purpose is to depend on `coordinates` (already checked by {@link parseCoordinates}). */
export function pomText(coordinates: readonly string[]): string {
  const dependencies = coordinates.map((text) => {
    const { groupId, artifactId, version } = parseCoordinates(text)!;
    return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>drover</groupId><artifactId>package</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependencies.join('\n')}
</dependencies>
</project>
`;
}
