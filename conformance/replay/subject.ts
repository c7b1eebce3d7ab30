/**
 * A binding held to a graph: what the two ways of replay (node by node, and by pairs) share.
 * Made only where binding and graph fit together; else a BindingError says what does not.
 */
import type { StateGraph } from '../behaviour/graph.ts';
import {
  type Binding,
  checkBinding,
  checkView,
  type Constants,
  type ModelState,
} from './binding.ts';
import { isChange } from './changed.ts';
import { EdgeCoverage } from './coverage.ts';
import { asking, errorOf, FailureLog, type FailureReport } from './failure.ts';
import { Offers, type ParameterNames, Thrown } from './offers.ts';
import { RowReader, ViewError } from './rows.ts';
import { Whereabouts } from './whereabouts.ts';

export interface ReplayOptions {
  readonly constants: Constants;
  /** Keys: all actions of the spec. Values: the names of their parameters, in order. */
  readonly parameterNames: ParameterNames;
  /** The cfg has an ACTION_CONSTRAINT: nodes without out-edges lie on the bound, and are not expanded. */
  readonly boundedLeaves: boolean;
  /** How many failures are kept in full; the others are counted. Default 10. */
  readonly maxFailures?: number;
  /** Ends the replay after that many failures: one is enough to kill a mutant. */
  readonly stopAfter?: number;
  /** Called now and then, with nodes (or pairs) done and known. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Explore pairs of a node and a code state though the binding has decode. */
  readonly pairs?: boolean;
  /** Filled by replay, where given: by edge of the graph, 1 where the code took it. */
  readonly taken?: Uint8Array;
  /** Of several runs that share the graph's nodes, this one expands each `count`th. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** How many pairs are explored before the verdict is unknown. Default 5,000,000. */
  readonly pairsMax?: number;
}

type Where = Partial<FailureReport>;
/** A report's place, computed only where the report is kept. */
export type Place = () => Where;

export class Subject<S> {
  readonly graph: StateGraph;
  readonly binding: Binding<S>;
  readonly options: ReplayOptions;
  readonly offers: Offers<S>;
  readonly reader: RowReader;
  readonly coverage: EdgeCoverage;
  readonly log: FailureLog;
  readonly where: Whereabouts;
  readonly width: number;
  /** By label: 1 where the binding ignores its action. */
  readonly ignored: Uint8Array;
  leaves = 0;

  constructor(graph: StateGraph, binding: Binding<S>, options: ReplayOptions) {
    const { constants, parameterNames } = options;
    const named = graph.labels.map(({ action }) => action);
    const actions = new Set([...Object.keys(parameterNames), ...named]);
    checkBinding(binding, { actions, variables: graph.variables });
    this.graph = graph;
    this.binding = binding;
    this.options = options;
    this.width = graph.variables.length;
    const ignored = new Set(binding.ignored);
    this.ignored = Uint8Array.from(graph.labels, ({ action }) => Number(ignored.has(action)));
    this.offers = new Offers({ binding, labels: graph.labels, parameterNames, constants });
    this.reader = new RowReader(graph.values, graph.variables, binding.hidden);
    this.coverage = new EdgeCoverage(graph, binding.ignored, options.taken);
    this.log = new FailureLog(options.maxFailures ?? 10);
    this.where = new Whereabouts(graph, parameterNames, this.reader.columns);
  }

  get stopped(): boolean {
    return this.log.total >= (this.options.stopAfter ?? Infinity);
  }

  isLeaf(node: number): boolean {
    const { edgeOffset } = this.graph;
    return this.options.boundedLeaves && edgeOffset[node] === edgeOffset[node + 1];
  }

  isNode(row: Int32Array, node: number): boolean {
    return this.reader.equal(row, this.graph.states, node * this.width);
  }

  /** Compares the initial states in both directions, and gives the code's with their nodes. */
  compareInitial(): { state: S; node: number }[] {
    const matched: { state: S; node: number }[] = [];
    const offered: Int32Array[] = [];
    for (const state of this.initialStates()) {
      const row = new Int32Array(this.width).fill(-1);
      if (!this.readRow(state, row, () => ({}))) continue;
      offered.push(row);
      const nodes = [...this.graph.initial].filter((node) => this.isNode(row, node));
      matched.push(...nodes.map((node) => ({ state, node })));
      if (nodes.length === 0) this.extraInitial(row);
    }
    const covered = new Set(matched.map(({ node }) => node));
    for (const node of this.graph.initial) {
      if (!covered.has(node)) this.missingInitial(node, offered);
    }
    return matched;
  }

  /** Reads a state's view into `row`, as the source state at node `base`; false after a failure. */
  readRow(state: S, row: Int32Array, place: Place, base = -1): boolean {
    let view: ModelState;
    try {
      view = this.binding.view(state);
    } catch (error) {
      this.threw(new Thrown('view', error), undefined, place);
      return false;
    }
    try {
      if (base >= 0) this.reader.readBase(view, row, this.graph.states, base * this.width);
      else this.reader.read(view, row);
      return true;
    } catch (error) {
      if (!(error instanceof ViewError)) throw error;
      this.badView(error, place);
      return false;
    }
  }

  threw(error: Thrown, label: number | undefined, place: Place): void {
    const { cause, during, choice, message } = error;
    const named = label === undefined ? undefined : this.where.label(label);
    const kind = isChange(cause) ? 'mutated' : 'threw';
    const who = during === 'action' ? 'the action' : `${during} of the binding`;
    const did = kind === 'mutated' ? 'changed the state it was given' : 'threw';
    this.log.add(kind, named?.action, () => ({
      kind,
      summary: `${who} ${did}: ${message}`,
      ...named,
      ...(choice !== undefined && { choice: this.where.choice(choice) }),
      differences: [],
      ...(label === undefined ? place() : asking(place(), { probe: label })),
      error: errorOf(cause),
    }));
  }

  private badView(error: ViewError, place: Place): void {
    this.log.add('view', undefined, () => ({
      kind: 'view',
      summary: `the view of the code's state is no TLA+ value: ${error.message}`,
      differences: [],
      ...place(),
    }));
  }

  /** A view that does not fit the spec is refused here, by a BindingError. */
  private initialStates(): readonly S[] {
    const { binding, options } = this;
    let states: readonly S[];
    try {
      const made = binding.init(options.constants);
      states = Array.isArray(made) ? (made as readonly S[]) : [made as S];
    } catch (error) {
      this.threw(new Thrown('init', error), undefined, () => ({}));
      return [];
    }
    let view: ModelState | undefined;
    try {
      if (states.length > 0) view = binding.view(states[0] as S);
    } catch {
      return states;
    }
    if (view !== undefined) checkView(binding, this.graph.variables, view);
    return states;
  }

  private extraInitial(row: Int32Array): void {
    this.log.add('init', undefined, () => {
      const rows = [...this.graph.initial].map((node) => this.where.row(node));
      const best = rows[this.where.nearest(row, rows)];
      return {
        kind: 'init',
        summary: "the code starts in a state that is none of the model's initial states",
        differences: best === undefined ? [] : this.where.differences(row, best),
        comparedWith: 'its nearest initial state',
      };
    });
  }

  private missingInitial(node: number, offered: readonly Int32Array[]): void {
    this.log.add('init', undefined, () => {
      const row = this.where.row(node);
      const best = offered[this.where.nearest(row, offered)];
      return {
        kind: 'init',
        summary: 'the model has an initial state in which the code never starts',
        node,
        state: this.where.state(node),
        differences: best === undefined ? [] : this.where.differences(best, row),
        comparedWith: 'that initial state',
      };
    });
  }
}
