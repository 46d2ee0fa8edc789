import { configMaps } from './requests/config-map.ts';
import { custom } from './requests/custom.ts';
import { discovery } from './requests/discovery.ts';
import { lists } from './requests/lists.ts';
import { others } from './requests/others.ts';
import { patches } from './requests/patches.ts';
import { pods } from './requests/pods.ts';
import { watches } from './requests/watches.ts';
import type { Script } from './script.ts';

/** All scripts of the differential test, in the order of the recording. */
export const scripts: readonly Script[] = [discovery, configMaps, patches, lists, watches, pods, others, custom];
