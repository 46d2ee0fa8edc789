/** What the tree needs of a plan: a PlanView, or the JSON of a DC/OS-like server with any part missing. */
export interface TreePlan {
  readonly name?: string;
  readonly strategy?: string;
  readonly status?: string;
  readonly phases?: readonly {
    readonly name?: string;
    readonly strategy?: string;
    readonly status?: string;
    readonly steps?: readonly { readonly name?: string; readonly status?: string }[];
  }[];
  readonly errors?: readonly string[];
}

/** The text tree of a plan as DC/OS's CLI prints it, byte for byte (dcos.md 1.3), without a newline at the end. Missing parts are `<UNKNOWN>`. */
export function planTree(plan: TreePlan): string {
  const phases = plan.phases ?? [];
  const lines = [parentLine(plan)];
  phases.forEach((phase, i) => {
    const lastPhase = i === phases.length - 1;
    lines.push(`${lastPhase ? '└─ ' : '├─ '}${parentLine(phase)}`);
    const steps = phase.steps ?? [];
    steps.forEach((step, j) => {
      const branch = j === steps.length - 1 ? '└─ ' : '├─ ';
      lines.push(`${lastPhase ? '   ' : '│  '}${branch}${known(step.name)} (${known(step.status)})`);
    });
  });
  const errors = plan.errors ?? [];
  if (errors.length > 0) lines.push('', 'Errors:', ...errors.map((error) => `- ${error}`));
  return lines.join('\n').replace(/\n+$/, '');
}

function parentLine(element: { name?: string; strategy?: string; status?: string }): string {
  return `${known(element.name)} (${known(element.strategy)} strategy) (${known(element.status)})`;
}

function known(text: string | undefined): string {
  return text === undefined || text === '' ? '<UNKNOWN>' : text;
}
