/** A server as it tells of itself. */
export interface RunningServer {
  readonly pid: number;
  readonly url: string;
}

/** What a demo needs of this machine: what is there, and what is short, a sentence each that says what to do. */
export interface MachineNeeds {
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly ports: readonly number[];
  readonly shortages: readonly string[];
  /** Installs the programs that are missing, after saying so; does nothing when all are there. */
  installMissing(onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** What a proof of Kafka found: all is well when both are the number of records asked for. */
export interface KafkaProof {
  readonly written: number;
  readonly read: number;
}

/**
 * The seam between the command line and the rest of the program on this machine (src/server implements it): so commands name no concrete part, load
 * none before it is needed, and run in tests without any. Faults are DroverErrors.
 */
export interface Machine {
  /** DROVER_HOME: an absolute path. */
  readonly home: string;
  /** The log of a server in the background. */
  readonly serverLog: string;
  /** File with the bearer token. */
  readonly tokenFile: string;
  version(): string;
  /** What the last server of this home recorded; it may have been killed since. */
  recordedServer(): RunningServer | undefined;
  /** The server of this home when it runs and answers. */
  findServer(): Promise<RunningServer | undefined>;
  /** Starts the server in the background; resolves when it is ready. */
  startServer(listen: string, signal: AbortSignal): Promise<RunningServer>;
  /** Serves in the foreground until a signal ends it. */
  serve(options: { listen: string; logLevel: 'info' | 'warn' | 'error' }): Promise<void>;
  /** Stops the server and all tasks; with `purge` deletes the home. */
  takeDown(options: { purge: boolean; onProgress: (line: string) => void; signal: AbortSignal }): Promise<void>;
  backUp(file: string): Promise<{ revision: number; bytes: number }>;
  /** Resolves with where the replaced state is kept. */
  restore(file: string): Promise<string | undefined>;
  /** The text of a systemd unit for the server. */
  unit(listen: string): Promise<string>;
  /** Writes a unit where systemd finds it; resolves with the file and the command that starts it. */
  writeUnit(text: string): Promise<{ file: string; next: string }>;
  /** Looks at this machine for the Kafka of a manifest (YAML); with `present` only at programs. */
  kafkaNeeds(manifest: string, need: { memoryMiB: number; diskMiB: number; present: boolean }): Promise<MachineNeeds>;
  /** Writes records to a topic with acks=all and reads them back. */
  proveKafka(options: {
    bootstrap: string;
    topic: string;
    records: number;
    onProgress: (line: string) => void;
    signal: AbortSignal;
  }): Promise<KafkaProof>;
}
