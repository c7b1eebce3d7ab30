/**
 * Where in a graph something happened, as text: the state, the path there, what the model allows.
 * Only reports use it; it may take its time.
 */
import { inspect } from 'node:util';
import { edgeSource, type StateGraph } from '../behaviour/graph.ts';
import type { TlaValue } from '../value/value.ts';
import { argumentTexts, labelText } from './coverage.ts';
import {
  nearest,
  type PartDifference,
  rowDifferences,
  type VariableDifference,
} from './difference.ts';
import type { FailureReport, FailureStep, NamedArgument } from './failure.ts';
import type { ParameterNames } from './offers.ts';
import { breadthFirst, pathTo, type Reach } from './reach.ts';

/** A step of a path: an edge, and the choice it was taken with where that is known. */
export interface PathEdge {
  readonly edge: number;
  readonly choice?: unknown;
}

export function choiceText({ values }: Pick<StateGraph, 'values'>, choice: unknown): string {
  try {
    return values.format(values.intern(choice as TlaValue));
  } catch {
    return inspect(choice, { depth: 4, breakLength: Infinity, sorted: true });
  }
}

export class Whereabouts {
  readonly reach: Reach;
  private readonly graph: StateGraph;
  private readonly parameterNames: ParameterNames;
  private readonly columns: Int32Array;
  private readonly width: number;

  constructor(graph: StateGraph, parameterNames: ParameterNames, columns: Int32Array) {
    this.graph = graph;
    this.parameterNames = parameterNames;
    this.columns = columns;
    this.width = graph.variables.length;
    this.reach = breadthFirst(graph);
  }

  row(node: number): Int32Array {
    return this.graph.states.subarray(node * this.width, (node + 1) * this.width);
  }

  edges(node: number): number[] {
    const { edgeOffset } = this.graph;
    const first = edgeOffset[node] as number;
    return Array.from({ length: (edgeOffset[node + 1] as number) - first }, (_, i) => first + i);
  }

  state(node: number): Record<string, string> {
    const { variables, values } = this.graph;
    const row = this.row(node);
    return Object.fromEntries(variables.map((name, i) => [name, values.format(row[i] as number)]));
  }

  /** The action and its arguments, for a report. */
  label(label: number): { action: string; args: readonly NamedArgument[] } {
    const { action } = this.graph.labels[label] as StateGraph['labels'][number];
    const names = this.parameterNames[action] ?? [];
    const args = argumentTexts(this.graph, label).map((value, i) => ({
      name: names[i] ?? '?',
      value,
    }));
    return { action, args };
  }

  /** Node, state, path and what is enabled there. Without `steps`, the path is a shortest one. */
  of(node: number, steps?: readonly PathEdge[]): Partial<FailureReport> {
    const path = steps ?? pathTo(this.graph, this.reach, node)?.map((edge) => ({ edge }));
    const first = path?.[0];
    const initial = first === undefined ? node : edgeSource(this.graph, first.edge);
    return {
      node,
      state: this.state(node),
      initial: this.state(initial),
      ...(path !== undefined && {
        path: path.map((step) => this.step(step)),
        failing: {
          start: first === undefined ? node : edgeSource(this.graph, first.edge),
          edges: path.map(({ edge }) => edge),
        },
      }),
      enabled: this.enabled(node),
    };
  }

  enabled(node: number): string[] {
    const labels = new Set(this.edges(node).map((edge) => this.graph.edgeLabel[edge] as number));
    return [...labels].map((label) => labelText(this.graph, label));
  }

  /** What the step changed: `code` is the value after it, `model` the one before. */
  changes(before: Int32Array, after: Int32Array): readonly PartDifference[] {
    return this.differences(after, before).flatMap(({ parts }) => parts);
  }

  differences(code: Int32Array, model: Int32Array): VariableDifference[] {
    return rowDifferences({ ...this.graph, columns: this.columns }, code, model);
  }

  /** Which of the rows differs least from `row`; -1 where there is none. */
  nearest(row: Int32Array, rows: readonly Int32Array[]): number {
    return nearest({ ...this.graph, columns: this.columns }, row, rows);
  }

  /** Choices are the binding's own; those that are TLA+ values are shown as such. */
  choice(choice: unknown): string {
    return choiceText(this.graph, choice);
  }

  private step({ edge, choice }: PathEdge): FailureStep {
    const label = this.graph.edgeLabel[edge] as number;
    const source = edgeSource(this.graph, edge);
    const target = this.graph.edgeTarget[edge] as number;
    return {
      label: labelText(this.graph, label),
      ...this.label(label),
      ...(choice !== undefined && { choice: this.choice(choice) }),
      changes: this.changes(this.row(source), this.row(target)),
    };
  }
}
