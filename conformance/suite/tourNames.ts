/** Names of behaviours that a person can read: `Prepare("rm1") → GiveUp("rm2") → … (30 steps)`. */
import type { EdgeLabel } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';

const shownSteps = 3;
const stepLettersMax = 40;

export function stepText(trace: Trace, label: EdgeLabel | undefined): string {
  if (label === undefined) return 'a step';
  const { values } = trace;
  const args = label.args.map((value) => values.format(values.intern(value)));
  const text = args.length === 0 ? label.action : `${label.action}(${args.join(', ')})`;
  return text.length <= stepLettersMax ? text : `${text.slice(0, stepLettersMax - 1)}…`;
}

export function behaviourName(trace: Trace): string {
  const steps = trace.length - 1;
  if (steps <= 0) return 'nothing happens';
  const shown = Array.from({ length: Math.min(steps, shownSteps) }, (_, i) =>
    stepText(trace, trace.labels[i]),
  );
  const more = steps > shownSteps ? ` → … (${steps} steps)` : '';
  return `${shown.join(' → ')}${more}`;
}
