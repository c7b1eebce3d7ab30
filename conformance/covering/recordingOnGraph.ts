/**
 * A recording of events as edges of a graph: which steps of the model it can have been. What must hold:
 * of several ways through the graph that agree with all that was recorded one is taken, so coverage is
 * never more than one run of the model can have.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import type { MergedTrace } from '../recording/mergeRecordings.ts';
import type { RecordedChange, RecordedEvent, Values } from '../recording/recording.ts';
import type { ParameterNames } from '../replay/offers.ts';
import { changedValue } from './changedValue.ts';

export interface RecordingRules {
  readonly parameterNames: ParameterNames;
  readonly hidden: readonly string[];
  readonly silent: readonly string[];
  readonly silentMax: number;
  readonly composed: Readonly<Record<string, readonly string[]>>;
  readonly optional?: readonly string[];
}

export interface FollowedRecording {
  readonly edges: readonly number[];
  /** How many events, from the first, are in the graph. */
  readonly followed: number;
}

/** Where the model can be, and how it came there from where it was before the event. */
type Layer = ReadonlyMap<number, { readonly from: number; readonly edges: readonly number[] }>;

interface Way {
  readonly node: number;
  readonly edges: readonly number[];
}

/** At most so many places are kept: a recording that says little could be everywhere. */
const placesMax = 20_000;

export class RecordingFollower {
  private readonly graph: StateGraph;
  private readonly rules: RecordingRules;
  private readonly silent: ReadonlySet<string>;

  constructor(graph: StateGraph, rules: RecordingRules) {
    this.graph = graph;
    this.rules = rules;
    this.silent = new Set(rules.silent);
  }

  /** The first `matched` events, as far as the graph has them. */
  follow(trace: MergedTrace, matched: number): FollowedRecording {
    const layers: Layer[] = [this.starts(trace)];
    for (const event of trace.events.slice(0, matched)) {
      const next = this.after(layers.at(-1)!, event);
      if (next.size === 0) break;
      layers.push(next);
    }
    const parts: (readonly number[])[] = [];
    let [node] = layers.at(-1)!.keys();
    for (let at = layers.length - 1; at > 0 && node !== undefined; at -= 1) {
      const step = layers[at]!.get(node)!;
      parts.push(step.edges);
      node = step.from;
    }
    return { edges: parts.reverse().flat(), followed: layers.length - 1 };
  }

  private starts({ starts }: MergedTrace): Layer {
    const { graph } = this;
    const layer = new Map<number, { from: number; edges: number[] }>();
    for (const node of graph.initial) {
      const fits = starts.every(({ values }) =>
        [...values].every(([name, value]) => this.id(node, name) === graph.values.intern(value)),
      );
      if (fits) layer.set(node, { from: -1, edges: [] });
    }
    return layer;
  }

  private after(before: Layer, event: RecordedEvent): Layer {
    const next = new Map<number, { from: number; edges: readonly number[] }>();
    for (const from of before.keys()) {
      for (const rest of this.rested(from)) {
        for (const { node, edges } of this.taken(rest.node, event)) {
          if (next.has(node) || next.size >= placesMax) continue;
          if (this.agrees(rest.node, node, event))
            next.set(node, { from, edges: [...rest.edges, ...edges] });
        }
      }
    }
    return next;
  }

  /** Where silent steps can have led, the fewest first. */
  private rested(from: number): readonly Way[] {
    const ways: Way[] = [{ node: from, edges: [] }];
    if (this.silent.size === 0) return ways;
    const seen = new Set([from]);
    for (const { node, edges } of ways) {
      if (edges.length >= this.rules.silentMax) continue;
      for (const edge of this.edgesOf(node)) {
        const target = this.graph.edgeTarget[edge]!;
        if (seen.has(target) || !this.silent.has(this.action(edge))) continue;
        seen.add(target);
        ways.push({ node: target, edges: [...edges, edge] });
      }
    }
    return ways;
  }

  /** Where the event's actions lead from a node, one after the other. */
  private taken(from: number, { actions, args }: RecordedEvent): readonly Way[] {
    const { composed, parameterNames } = this.rules;
    const stay: Way = { node: from, edges: [] };
    if (actions.length === 0) return [stay, ...this.steps(stay, () => true)];
    const named = actions.flatMap((name) =>
      Object.hasOwn(parameterNames, name) ? [name] : (composed[name] ?? [name]),
    );
    let ways: readonly Way[] = [stay];
    for (const [i, name] of named.entries()) {
      if (name === 'stutter' && !Object.hasOwn(parameterNames, name)) continue;
      const given = args[args.length > 1 ? i : 0];
      const isOptional = this.rules.optional?.includes(name) === true;
      ways = ways.flatMap((way) => {
        const steps = this.steps(way, (edge) => this.isCall(edge, name, given));
        return steps.length === 0 && isOptional ? [way] : steps;
      });
    }
    return ways;
  }

  private steps({ node, edges }: Way, fits: (edge: number) => boolean): Way[] {
    return this.edgesOf(node)
      .filter(fits)
      .map((edge) => ({ node: this.graph.edgeTarget[edge]!, edges: [...edges, edge] }));
  }

  private isCall(edge: number, name: string, given: Values | undefined): boolean {
    const { labels, edgeLabel, values } = this.graph;
    const { action, args } = labels[edgeLabel[edge]!]!;
    if (action !== name) return false;
    const names = this.rules.parameterNames[name] ?? [];
    return args.every((arg, i) => {
      const told = given?.get(names[i] ?? '');
      return told === undefined || values.intern(told) === values.intern(arg);
    });
  }

  /** Whether the variables changed from node to node as the event says. */
  private agrees(from: number, to: number, { changed, partial }: RecordedEvent): boolean {
    if (changed === undefined) return true;
    return this.graph.variables.every((name) => {
      const change = changed.get(name);
      if (change !== undefined) return this.isChanged(from, to, { name, change });
      return (
        partial || this.rules.hidden.includes(name) || this.id(from, name) === this.id(to, name)
      );
    });
  }

  private isChanged(
    from: number,
    to: number,
    { name, change }: { readonly name: string; readonly change: RecordedChange },
  ): boolean {
    const { values } = this.graph;
    const id = this.id(to, name);
    if (change.kind === 'is') return values.intern(change.value) === id;
    const made = changedValue(values, this.id(from, name), change.parts);
    return made === id;
  }

  private id(node: number, name: string): number {
    const { states, variables } = this.graph;
    return states[node * variables.length + variables.indexOf(name)] ?? -1;
  }

  private action(edge: number): string {
    return this.graph.labels[this.graph.edgeLabel[edge]!]!.action;
  }

  private edgesOf(node: number): number[] {
    const first = this.graph.edgeOffset[node]!;
    return Array.from({ length: this.graph.edgeOffset[node + 1]! - first }, (_, i) => first + i);
  }
}
