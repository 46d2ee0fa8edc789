import { describe, expect, it } from 'vitest';
import { countLine, failureText } from './maven-output.ts';

describe('countLine', () => {
  const start = { files: 1, bytes: 100 };
  it.each([
    ['[INFO] Downloaded from central: https://repo/a/a-1.jar (255 kB at 1.9 MB/s)', { files: 2, bytes: 255_100 }],
    ['[INFO] Downloaded from corp: https://repo/a/a-1.jar (6.7 MB at 30 MB/s)', { files: 2, bytes: 6_700_100 }],
    ['Downloaded from central: https://repo/a/a-1.jar (911 B at 3 kB/s)', { files: 2, bytes: 1011 }],
    ['[INFO] Downloaded from central: https://repo/a/a-1.pom (4 kB at 1 MB/s)', start],
    ['[INFO] Downloading from central: https://repo/a/a-1.jar', start],
    ['[INFO] BUILD SUCCESS', start],
  ])('%s', (line, expected) => {
    expect(countLine(start, line)).toEqual(expected);
  });
});

describe('failureText says in one line what failed and what to do', () => {
  const plugin = 'Plugin p:3.8.1 or one of its dependencies could not be resolved: Failed to read artifact descriptor for p:jar:3.8.1: ';
  it.each([
    [
      'an unknown host',
      `[ERROR] ${plugin}Could not transfer artifact p:pom:3.8.1 from/to corp (https://nosuch.invalid/maven2): transfer failed for https://nosuch.invalid/maven2/p.pom: Unknown host nosuch.invalid: Name or service not known -> [Help 1]`,
      'corp (https://nosuch.invalid/maven2) cannot be reached: Unknown host nosuch.invalid: Name or service not known; check the network, or a proxy or mirror in ~/.m2/settings.xml',
    ],
    [
      'a refused connection',
      '[ERROR] Could not transfer artifact a:b:pom:1 from/to central (http://127.0.0.1:9): transfer failed for http://127.0.0.1:9/b.pom: Connect to 127.0.0.1:9 [/127.0.0.1] failed: Connection refused -> [Help 1]',
      'central (http://127.0.0.1:9) cannot be reached: Connect to 127.0.0.1:9 [/127.0.0.1] failed: Connection refused; check the network, or a proxy or mirror in ~/.m2/settings.xml',
    ],
    [
      'a wrong checksum',
      '[ERROR] Could not resolve dependencies: Could not transfer artifact a:b:jar:1 from/to central (https://repo): Checksum validation failed, expected 12 but is 34 -> [Help 1]',
      'a:b:jar:1 does not have the checksum that its repository gives; try again, or look at the mirror that mvn uses',
    ],
    [
      'a version that does not exist',
      '[ERROR] Could not resolve dependencies for project d:p:pom:1: Could not find artifact org.apache.kafka:kafka_2.13:jar:9.9.9 in central (https://repo) -> [Help 1]',
      'org.apache.kafka:kafka_2.13:jar:9.9.9 is not in central (https://repo); check the version, or the mirror in ~/.m2/settings.xml',
    ],
    ['anything else', '[INFO] x\n[ERROR]\n[ERROR] No space left on device', 'mvn: No space left on device'],
    ['silence', '', 'mvn said nothing about why'],
  ])('%s', (_, output, expected) => {
    expect(failureText(output.split('\n'))).toBe(expected);
  });
});
