/**
 * What all runs of one binding on one graph share. A trace is a graph of one line, of which nobody
 * knows what else the model allows: there, nothing is offered that the trace does not do.
 */
import type { EdgeLabel, StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import { stateOf } from '../behaviour/graph.ts';
import { checkBinding, type Constants, type ModelState } from '../replay/binding.ts';
import { lineOf } from '../replay/behaviours.ts';
import { EdgeCoverage } from '../replay/coverage.ts';
import type { ParameterNames } from '../replay/offers.ts';
import { RowReader } from '../replay/rows.ts';
import type { RunningBinding } from '../replay/runningBinding.ts';
import { Whereabouts } from '../replay/whereabouts.ts';
import { AnswerLimit } from './answerLimit.ts';
import { type Call, Calls } from './calls.ts';
import type { Housing } from './liveSubject.ts';

export interface RunningOptions {
  readonly constants: Constants;
  /** Keys: all actions of the spec. Values: the names of their parameters, in order. */
  readonly parameterNames: ParameterNames;
  /** The cfg has an ACTION_CONSTRAINT: nodes without out-edges lie on the bound. */
  readonly boundedLeaves?: boolean;
  /** All labels there are: needed where a trace does not tell the action, or not its arguments. */
  readonly labels?: readonly EdgeLabel[];
  /** Also ask for what the model does not allow. Default true; never on a trace alone. */
  readonly offers?: boolean;
  /** Ends the run; subjects are stopped first. */
  readonly signal?: AbortSignal;
}

export class World<S> {
  readonly graph: StateGraph;
  readonly binding: RunningBinding<S>;
  readonly options: RunningOptions;
  readonly housing: Housing<S>;
  readonly calls: Calls<S>;
  readonly coverage: EdgeCoverage;
  readonly reader: RowReader;
  readonly width: number;
  /** The graph is all the model allows; false for a trace. */
  readonly whole: boolean;
  /** By node: whether what is not allowed there was asked for. */
  readonly offered: Uint8Array;
  /** By edge: the choice that it was taken by before. */
  readonly choices = new Map<number, string>();
  private places: Whereabouts | undefined;

  constructor(
    graph: StateGraph,
    binding: RunningBinding<S>,
    options: RunningOptions,
    like?: { readonly housing: Housing<S>; readonly calls: Calls<S>; readonly whole: boolean },
  ) {
    const { constants, parameterNames } = options;
    const actions = new Set(Object.keys(parameterNames));
    checkBinding(binding, { actions, variables: graph.variables });
    this.graph = graph;
    this.binding = binding;
    this.options = options;
    this.width = graph.variables.length;
    this.whole = like?.whole ?? true;
    this.housing = like?.housing ?? { binding, constants, limit: new AnswerLimit(binding.stepMs) };
    this.calls = like?.calls ?? new Calls({ binding, parameterNames, constants });
    this.coverage = new EdgeCoverage(graph, binding.ignored);
    this.reader = new RowReader(graph.values, graph.variables, binding.hidden);
    this.offered = new Uint8Array(graph.nodeCount);
  }

  /** The same subjects on one trace, as a graph of one line. */
  onTrace(trace: Trace): World<S> {
    const { housing, calls } = this;
    return new World(lineOf(trace), this.binding, this.options, { housing, calls, whole: false });
  }

  get where(): Whereabouts {
    const { graph, options, reader } = this;
    this.places ??= new Whereabouts(graph, options.parameterNames, reader.columns);
    return this.places;
  }

  get offers(): boolean {
    return this.whole && this.options.offers !== false;
  }

  get ended(): boolean {
    return this.options.signal?.aborted === true;
  }

  state(node: number): ModelState {
    return stateOf(this.graph, node);
  }

  call(label: number): Call<S> {
    return this.calls.of(this.graph.labels[label]!);
  }

  /** The calls that may be the step of an edge: one, where its label tells all. */
  candidates(edge: number): readonly Call<S>[] {
    const told = this.graph.labels[this.graph.edgeLabel[edge]!]!;
    const { parameterNames, labels = [] } = this.options;
    const names = parameterNames[told.action];
    if (names !== undefined && names.length === told.args.length) return [this.calls.of(told)];
    const some = names === undefined ? labels : labels.filter((l) => l.action === told.action);
    return some.map((label) => this.calls.of(label));
  }

  shows(row: Int32Array, node: number): boolean {
    return this.reader.equal(row, this.graph.states, node * this.width);
  }

  sameView(a: number, b: number): boolean {
    const { states } = this.graph;
    const { columns } = this.reader;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i]!;
      if (states[a * this.width + column] !== states[b * this.width + column]) return false;
    }
    return true;
  }

  isLeaf(node: number): boolean {
    const { edgeOffset } = this.graph;
    return this.options.boundedLeaves === true && edgeOffset[node] === edgeOffset[node + 1];
  }
}
