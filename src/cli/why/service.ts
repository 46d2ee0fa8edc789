import type { PlanRun } from '../../model/drover/plan-run.ts';
import { newestRun } from '../../plan/plan-list.ts';
import type { Evidence } from './evidence.ts';
import { at, inOrder, isTrouble, type Answer, type Finding } from './finding.ts';
import { explainPauses } from './pause.ts';
import { troubleOf } from './pod.ts';
import { explainStep, explainSteps } from './steps.ts';
import { explainVerdict, isRefused } from './verdict.ts';

/** Why a service is as it is: refusals, pauses, steps that wait, pods that are not ready, tasks that were restarted, warnings. */
export function explainService(evidence: Evidence): Answer {
  const { service, owner, runs, instances } = evidence;
  const open = runs.filter(isOpen);
  const paused = open.filter((run) => run.status?.paused === true);
  const said = new Set(open.flatMap((run) => run.spec.phases.flatMap((phase) => phase.steps.map((step) => step.instance))));
  const findings = inOrder([
    ...explainVerdict(owner ?? service),
    // What its resource was refused for stands there; a ManagedService that an operator made is refused for a reason of its own.
    ...(owner ? explainVerdict(service).filter((finding) => finding.level === 'refused') : []),
    ...explainPauses(evidence, open),
    ...open.filter((run) => !paused.includes(run)).flatMap(explainSteps),
    ...instances.flatMap((instance) => {
      const trouble = troubleOf(evidence, instance).filter((finding) => finding.level !== 'history');
      if (instance.status?.ready === true) return trouble.filter((finding) => finding.level === 'restarted');
      // A pod that its plan has yet to start is told of by its step.
      return said.has(instance.metadata.name ?? '') ? trouble.filter((finding) => finding.about.startsWith('pod ')) : trouble;
    }),
  ]);
  const name = service.metadata.name ?? '';
  return {
    thing: name,
    kind: 'service',
    well: !findings.some(isTrouble) && isReady(evidence),
    summary: summaryOf(evidence, name, open, findings),
    findings,
  };
}

/** Why a plan is where it is: what started it, pauses, and each unfinished step. */
export function explainPlan(evidence: Evidence, plan: string): Answer {
  const runs = evidence.runs.filter((run) => run.spec.plan === plan);
  const open = runs.filter(isOpen);
  const newest = newestRun(runs, plan);
  const told = open.length > 0 ? open : newest ? [newest] : [];
  const pauses = explainPauses(evidence, told).filter(
    (finding) => finding.about === `plan ${plan}` || finding.about.startsWith(`plan ${plan},`),
  );
  const causes = told.map((run): Finding => {
    const asked = run.spec.actor === undefined ? '' : ` (asked for by ${run.spec.actor})`;
    return {
      level: 'history',
      about: `${plan} run ${run.spec.number}`,
      code: run.spec.cause.code,
      text: `was started${asked}: ${run.spec.cause.message}`,
      ...at(run.status?.startedAt ?? run.metadata.creationTimestamp),
    };
  });
  const findings = inOrder([...pauses, ...open.flatMap(explainSteps), ...causes]);
  const word =
    open.length > 0 ? 'is under way' : newest?.status?.outcome === undefined ? 'has nothing to do' : `is ${newest.status.outcome}`;
  const wait = pauses.length > 0 ? 'is paused' : word;
  return {
    thing: plan,
    kind: 'plan',
    well: !findings.some(isTrouble),
    summary: `Plan ${plan} of ${evidence.service.metadata.name ?? ''} ${wait}.`,
    findings,
  };
}

/** Why a step does not go on; undefined when no run has a step of that name or id. The newest run counts. */
export function explainStepNamed(evidence: Evidence, word: string): Answer | undefined {
  for (const run of evidence.runs.toSorted((a, b) => b.spec.number - a.spec.number || (isOpen(b) ? 1 : 0) - (isOpen(a) ? 1 : 0))) {
    for (const phase of run.spec.phases) {
      const step = phase.steps.find((candidate) => candidate.name === word || candidate.id === word);
      if (step === undefined) continue;
      const record = run.status?.steps[step.id];
      const about = `${run.spec.plan} ${step.name}`;
      const done = record?.state.state === 'done';
      const instance = evidence.instances.find((candidate) => candidate.metadata.name === step.instance);
      const findings = inOrder(
        done ? [] : [...explainPauses(evidence, [run]), ...explainStep(about, record), ...(instance ? troubleOf(evidence, instance) : [])],
      );
      const end = record?.finishedAt === undefined ? '' : ` since ${record.finishedAt}`;
      const state = done ? `is complete${end}` : `is not complete (phase ${phase.name}, attempt ${record?.attempt ?? 0})`;
      return {
        thing: word,
        kind: 'step',
        well: !findings.some(isTrouble),
        summary: `Step ${step.name} of plan ${run.spec.plan} ${state}.`,
        findings,
      };
    }
  }
  return undefined;
}

function isOpen(run: PlanRun): boolean {
  return run.status?.outcome === undefined;
}

function isReady({ service }: Evidence): boolean {
  return service.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

function summaryOf(evidence: Evidence, name: string, open: readonly PlanRun[], findings: readonly Finding[]): string {
  const { service, owner } = evidence;
  const wanted = service.spec.pods.reduce((sum, pod) => sum + pod.count, 0);
  const ready = service.status?.readyInstances ?? 0;
  const pods = `${ready} of ${wanted} pods ${wanted === 1 ? 'is' : 'are'} ready`;
  const plans = open.length === 0 ? 'all plans are complete' : `under way: ${[...new Set(open.map((run) => run.spec.plan))].join(', ')}`;
  if (isRefused(owner) || isRefused(service)) {
    const goesOn =
      service.status?.targetRevision === undefined ? 'nothing was started' : `${service.status.targetRevision} stays the target`;
    return `The newest configuration of ${name} is refused, ${goesOn}; ${pods}, ${plans}.`;
  }
  if (service.metadata.deletionTimestamp) return `${name} is being deleted: ${pods}, ${plans}.`;
  if (isReady(evidence) && open.length === 0 && !findings.some(isTrouble)) return `${name} is well: ${pods}, ${plans}.`;
  if (isReady(evidence) && findings.some((finding) => finding.level === 'paused'))
    return `${name} is ready, but paused: ${pods}, ${plans}.`;
  if (isReady(evidence) && open.length > 0) return `${name} is changing: ${pods}, ${plans}.`;
  return `${name} is not well: ${pods}, ${plans}.`;
}
