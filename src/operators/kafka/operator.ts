import { Value } from 'typebox/value';
import { hasCode } from '../../base/errors.ts';
import type { ResourceClient } from '../../client/client.ts';
import { reason, type Reason } from '../../model/reason.ts';
import type { Operator, ServiceView, StepQuery, StopVerdict, Verdict } from '../operator.ts';
import type { KafkaAdmin, OpenKafkaAdmin } from './admin/kafka-admin.ts';
import { openKafkaAdmin } from './admin/open.ts';
import { askable, brokersOf, othersDown, type BrokerView } from './brokers.ts';
import { kafkaService, specWarnings } from './compile.ts';
import { kafkaKind, type Kafka } from './kind.ts';
import { acceptedProperty, bringLeastIsr } from './least-isr.ts';
import { KAFKA_VERSIONS } from './package.ts';
import { portOwners } from './port-owners.ts';
import { DEFAULT_FETCH_TIMEOUT_MS } from './quorum-gate.ts';
import { brokerSettled } from './settled-gate.ts';
import { takeSnapshot, withAdmin, type ClusterSnapshot } from './snapshot.ts';
import { kafkaStatus } from './status.ts';
import { mayStopBroker } from './stop-gate.ts';
import { createStopGrants } from './stop-grants.ts';
import { parseStopRecord, recordStop, type StopRecord } from './stop-record.ts';
import { Observed, worldRefusals } from './world-check.ts';

export interface KafkaOperatorOptions {
  /** Default: the real admin. */
  readonly openAdmin?: OpenKafkaAdmin;
  /** To see who else has fixed ports, asked for at the first look; absent: they are not compared. */
  readonly client?: () => ResourceClient;
  /** Releases of the package; default those built in. */
  readonly versions?: readonly string[];
  /** Limit of each connection and each call to a broker; default 5000. */
  readonly timeoutMs?: number;
}

/** Ms until a gate that holds is asked again: often while a broker comes back, seldom while a person must act. */
const RETRY_SETTLED_MS = 300;
const RETRY_STOP_MS = 1000;

type Look = { readonly seen: true; readonly snapshot: ClusterSnapshot } | { readonly seen: false; readonly why: string };

/**
 * The operator of kind Kafka. Brokers are combined controllers and brokers. A broker is stopped only when no partition falls under its min ISR by that and
 * the quorum keeps its majority; it is back when it is in all ISRs that it left; then it leads again what it is preferred for. Replace and
 * retire give up the old voter first. A broker that is down already may always be started anew, so a cold start of all is never held.
 */
export function createKafkaOperator(options: KafkaOperatorOptions = {}): Operator<Kafka> {
  const { openAdmin = openKafkaAdmin, client, versions = KAFKA_VERSIONS, timeoutMs = 5000 } = options;
  const grants = createStopGrants();

  function ask<T>(brokers: readonly BrokerView[], signal: AbortSignal, work: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
    return withAdmin(openAdmin, askable(brokers), { timeoutMs, signal }, work);
  }

  async function look(brokers: readonly BrokerView[], signal: AbortSignal): Promise<Look> {
    try {
      return { seen: true, snapshot: await ask(brokers, signal, takeSnapshot) };
    } catch (error) {
      return { seen: false, why: unavailableText(error, signal) };
    }
  }

  async function mayStop(query: StepQuery<Kafka>, signal: AbortSignal): Promise<StopVerdict> {
    const { view, instance, action, force } = query;
    const brokers = brokersOf(view);
    const broker = instance.spec.index;
    const self = brokers.find((candidate) => candidate.id === broker);
    const seen = await look(brokers, signal);
    const service = view.resource.metadata.uid;
    if (!seen.seen) {
      // A broker that is down loses nothing by a start; one that gives up its data might be the last that has it.
      const harmless = self?.state !== 'ready' && action !== 'replace';
      if (force || harmless) return { verdict: 'go', record: { broker } satisfies StopRecord };
      return { verdict: 'hold', reason: unreachable(seen.why), retryAfterMs: RETRY_STOP_MS };
    }
    const { snapshot } = seen;
    const record = recordStop(snapshot, broker);
    const isDown = self?.state === 'down' || !snapshot.live.has(broker);
    const down = othersDown(brokers, broker);
    for (const index of grants.pending(service, view.instances, view.nowMs)) if (index !== broker) down.add(index);
    const judged = mayStopBroker(snapshot, {
      broker,
      down,
      fetchTimeoutMs: Number(acceptedProperty(view.accepted, 'controller.quorum.fetch.timeout.ms') ?? DEFAULT_FETCH_TIMEOUT_MS),
      serves: !isDown,
      losesData: action === 'replace',
    });
    if (judged.judgement === 'refuse' && !force) return { verdict: 'refuse', reason: judged.reason };
    if (judged.judgement === 'hold' && !force) return { verdict: 'hold', reason: judged.reason, retryAfterMs: RETRY_STOP_MS };
    grants.grant(service, instance, view.nowMs);
    const warnings = judged.judgement === 'go' ? judged.warnings : [judged.reason];
    return { verdict: 'go', record, ...(warnings.length > 0 && { warnings }) };
  }

  async function prepare(query: StepQuery<Kafka>, signal: AbortSignal): Promise<Verdict> {
    if (query.action !== 'replace' && query.action !== 'retire') return { verdict: 'go' };
    const broker = query.instance.spec.index;
    const brokers = brokersOf(query.view);
    const others = brokers.filter((candidate) => candidate.id !== broker);
    if (others.length === 0) return { verdict: 'go' };
    try {
      return await ask(others, signal, (admin) => removeOldVoter(admin, broker, parseStopRecord(query.record)));
    } catch (error) {
      const why = unavailableText(error, signal);
      // A quorum that is lost can give up no voter; who forces the step knows that.
      if (query.force) return { verdict: 'go' };
      return hold(reason('VoterNotRemoved', `The old disk of controller ${broker} is still a voter: ${why}.`, { broker }));
    }
  }

  async function settled(query: StepQuery<Kafka>, signal: AbortSignal): Promise<Verdict> {
    const { view, instance, action } = query;
    if (action === 'retire') return { verdict: 'go' };
    const broker = instance.spec.index;
    try {
      return await ask(brokersOf(view), signal, async (admin): Promise<Verdict> => {
        if (action === 'deploy') await bringLeastIsr(admin, view.accepted);
        const snapshot = await takeSnapshot(admin);
        const judged = brokerSettled(snapshot, broker, parseStopRecord(query.record), { replaced: action === 'replace' });
        if (judged.judgement === 'hold') return hold(judged.reason);
        await admin.electPreferredLeaders(judged.elect);
        grants.release(view.resource.metadata.uid, instance);
        return { verdict: 'go' };
      });
    } catch (error) {
      return hold(unreachable(unavailableText(error, signal)));
    }
  }

  return {
    name: 'kafka',
    kind: kafkaKind,
    async observe(view): Promise<Observed> {
      if (!client || (view.resource.spec.kafka.listeners?.[0]?.port ?? 0) === 0) return { portOwners: {} };
      return { portOwners: await portOwners(client(), view.resource) };
    },
    compile(view, observed) {
      const world: Observed = Value.Check(Observed, observed) ? observed : { portOwners: {} };
      const reasons = worldRefusals(view, world, versions);
      if (reasons.length > 0) return { accepted: false, reasons };
      return { accepted: true, spec: kafkaService(view.resource), warnings: specWarnings(view.resource) };
    },
    mayStop,
    prepare,
    settled,
    async status(view: ServiceView<Kafka>, signal) {
      const brokers = brokersOf(view);
      const seen = brokers.some((broker) => broker.state === 'ready') ? await look(brokers, signal) : undefined;
      return kafkaStatus(view, seen?.seen ? seen.snapshot : undefined);
    },
  };
}

/** Takes the identity of a node that is replaced or retired out of the quorum: the one written down, else whatever the id votes with now that it is stopped. */
async function removeOldVoter(admin: KafkaAdmin, broker: number, record: StopRecord | undefined): Promise<Verdict> {
  const { voters } = await admin.describeQuorum();
  const directoryId = record?.voterDirectoryId ?? voters.find((voter) => voter.id === broker)?.directoryId;
  if (directoryId !== undefined) await admin.removeVoter({ id: broker, directoryId });
  const left = (await admin.describeQuorum()).voters.find((voter) => voter.id === broker && voter.directoryId === directoryId);
  if (!left) return { verdict: 'go' };
  return hold(reason('VoterNotRemoved', `The old disk of controller ${broker} is still a voter.`, { broker, directoryId }));
}

function hold(why: Reason): Verdict {
  return { verdict: 'hold', reason: why, retryAfterMs: RETRY_SETTLED_MS };
}

function unreachable(why: string): Reason {
  return reason('ClusterUnreachable', `Kafka cannot be asked: ${why}.`);
}

/** The text of a fault that passes by itself; anything else, and an abort, is thrown on. */
function unavailableText(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (!hasCode(error, 'unavailable', 'not-found', 'timeout')) throw error;
  return error.message;
}
