/**
 * Is what was seen a behaviour of the model? The model's graph is walked with all nodes that the steps
 * so far allow; a step may tell its action, some of its arguments, some of its variables. What must
 * hold: no steps at all is a failure, and where no node is left, all that the model allowed is told.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import { labelText } from '../replay/coverage.ts';
import type { ParameterNames } from '../replay/offers.ts';
import { ValueError } from '../value/valueError.ts';
import type { TlaValue } from '../value/value.ts';

/** One step, told as far as it was seen. */
export interface SeenStep {
  readonly action?: string;
  readonly args?: Readonly<Record<string, TlaValue>>;
  /** Variables after the step: all of them, or those that were seen. */
  readonly state?: Readonly<Record<string, TlaValue>>;
}

export type Walked = { readonly conforms: true } | { readonly conforms: false; text: string };

const allowedMax = 20;

export function walkTrace(
  graph: StateGraph,
  parameterNames: ParameterNames,
  steps: readonly SeenStep[],
): Walked {
  if (steps.length === 0) {
    return {
      conforms: false,
      text: 'the trace has no steps: nothing was seen, so nothing is shown',
    };
  }
  const walk = new Walk(graph, parameterNames);
  for (const [at, step] of steps.entries()) {
    const problem = walk.take(step, at);
    if (problem !== undefined) return { conforms: false, text: walk.rejected(at, step, problem) };
  }
  return { conforms: true };
}

class Walk {
  private readonly graph: StateGraph;
  private readonly parameterNames: ParameterNames;
  private nodes: readonly number[];
  private last = 'the initial state';

  constructor(graph: StateGraph, parameterNames: ParameterNames) {
    this.graph = graph;
    this.parameterNames = parameterNames;
    this.nodes = [...graph.initial];
  }

  /** What is wrong; undefined where the model allows the step. */
  take(step: SeenStep, at: number): string | undefined {
    const unknown = this.unknownNames(step);
    if (unknown !== undefined) return unknown;
    const wanted = this.wanted(step.state ?? {});
    if (typeof wanted === 'string') return wanted;
    if (step.action === undefined && at === 0) return this.begin(wanted);
    const enabled = this.edges().filter((edge) => this.isLabelled(edge, step));
    const edges = enabled.filter((edge) => this.shows(this.graph.edgeTarget[edge]!, wanted));
    if (edges.length === 0) {
      return enabled.length === 0
        ? `the model does not allow ${this.named(step)} here`
        : `${this.named(step)} leads elsewhere in the model\n${this.differences(enabled, wanted)}`;
    }
    this.nodes = [...new Set(edges.map((edge) => this.graph.edgeTarget[edge]!))];
    this.last = `step ${at + 1}, ${this.named(step)}`;
    return undefined;
  }

  rejected(at: number, step: SeenStep, problem: string): string {
    const allowed = new Set(
      this.edges().map((edge) => labelText(this.graph, this.graph.edgeLabel[edge]!)),
    );
    const shown = [...allowed].slice(0, allowedMax).join(', ');
    const more = allowed.size > allowedMax ? ` and ${allowed.size - allowedMax} more` : '';
    return [
      `step ${at + 1} of the trace (${this.named(step)}) is no step of the model: ${problem}`,
      `last step that the model allows: ${this.last}`,
      ...this.stateLines(),
      `the model allows there: ${allowed.size === 0 ? 'nothing' : shown + more}`,
    ].join('\n');
  }

  /** A first step without an action is the initial state. */
  private begin(wanted: ReadonlyMap<number, number>): string | undefined {
    const nodes = this.nodes.filter((node) => this.shows(node, wanted));
    if (nodes.length === 0) return 'it is none of the initial states';
    this.nodes = nodes;
    return undefined;
  }

  private unknownNames({ action, args = {}, state = {} }: SeenStep): string | undefined {
    const { variables } = this.graph;
    const strange = Object.keys(state).filter((name) => !variables.includes(name));
    if (strange.length > 0)
      return `the spec has no variable ${strange.join(', ')}; it has ${variables.join(', ')}`;
    if (action === undefined) return undefined;
    const names = this.parameterNames[action];
    if (names === undefined) {
      return `the spec has no action ${action}; it has ${Object.keys(this.parameterNames).join(', ')}`;
    }
    const others = Object.keys(args).filter((name) => !names.includes(name));
    return others.length === 0 ? undefined : `${action} has no parameter ${others.join(', ')}`;
  }

  /** By column the number of the value that was seen there. */
  private wanted(state: Readonly<Record<string, TlaValue>>): ReadonlyMap<number, number> | string {
    const { variables, values } = this.graph;
    try {
      return new Map(
        Object.entries(state).map(([name, value]) => [
          variables.indexOf(name),
          values.intern(value),
        ]),
      );
    } catch (error) {
      if (error instanceof ValueError) return error.message;
      throw error;
    }
  }

  private edges(): number[] {
    const { edgeOffset } = this.graph;
    const found: number[] = [];
    for (const node of this.nodes) {
      for (let edge = edgeOffset[node]!; edge < edgeOffset[node + 1]!; edge += 1) found.push(edge);
    }
    return found;
  }

  private isLabelled(edge: number, { action, args = {} }: SeenStep): boolean {
    const { labels, edgeLabel, values } = this.graph;
    const label = labels[edgeLabel[edge]!]!;
    if (action === undefined) return true;
    if (label.action !== action) return false;
    const names = this.parameterNames[action] ?? [];
    return Object.entries(args).every(([name, value]) => {
      const given = label.args[names.indexOf(name)];
      return given !== undefined && values.intern(given) === values.intern(value);
    });
  }

  private shows(node: number, wanted: ReadonlyMap<number, number>): boolean {
    const { states, variables } = this.graph;
    return [...wanted].every(
      ([column, value]) => states[node * variables.length + column] === value,
    );
  }

  private differences(enabled: readonly number[], wanted: ReadonlyMap<number, number>): string {
    const { states, variables, values, edgeTarget } = this.graph;
    const lines: string[] = [];
    for (const [column, value] of wanted) {
      const there = new Set(
        enabled.map((edge) => states[edgeTarget[edge]! * variables.length + column]!),
      );
      if (there.has(value)) continue;
      const model = [...there].map((one) => values.format(one)).join(' or ');
      lines.push(`  ${variables[column]}: trace ${values.format(value)}, model ${model}`);
    }
    return lines.length === 0
      ? '  no one step shows all of these values together'
      : lines.join('\n');
  }

  private stateLines(): string[] {
    const [node] = this.nodes;
    if (node === undefined || this.nodes.length > 1) {
      return [`the model can be in ${this.nodes.length} states there`];
    }
    const { states, variables, values } = this.graph;
    return variables.map(
      (name, i) => `  ${name} = ${values.format(states[node * variables.length + i]!)}`,
    );
  }

  private named({ action, args = {} }: SeenStep): string {
    if (action === undefined) return 'a step';
    const { values } = this.graph;
    const shown = Object.entries(args).map(([name, value]) => {
      try {
        return `${name} = ${values.format(values.intern(value))}`;
      } catch {
        return `${name} = ${String(value)}`;
      }
    });
    return shown.length === 0 ? action : `${action}(${shown.join(', ')})`;
  }
}
