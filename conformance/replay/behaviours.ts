/**
 * Behaviours on the real code: a path through a graph, or a random walk of TLC, step by step. The
 * code's state is carried along, not decoded from the model's, and must show the model's state after
 * every step; what the clients saw on the way is the history.
 *
 * Where several results show the same state, the first is carried on.
 */
import type { EdgeLabel, StateGraph } from '../behaviour/graph.ts';
import type { Trace } from '../behaviour/simulation.ts';
import type { Path } from '../behaviour/tour.ts';
import type { HistoryEvent } from '../history/operation.ts';
import type { ValueTable } from '../value/table.ts';
import {
  type Binding,
  BindingError,
  checkBinding,
  checkView,
  type Constants,
  type ModelState,
} from './binding.ts';
import { isChange } from './changed.ts';
import { callText } from './coverage.ts';
import {
  errorOf,
  type Failure,
  FailureLog,
  type FailureKind,
  type FailureReport,
} from './failure.ts';
import { Offers, type ParameterNames, Thrown } from './offers.ts';
import { RowReader, ViewError } from './rows.ts';
import { seal } from './seal.ts';
import { choiceText, Whereabouts } from './whereabouts.ts';

export interface BehaviourOptions {
  readonly constants: Constants;
  /** Keys: all actions of the spec. Values: the names of their parameters, in order. */
  readonly parameterNames: ParameterNames;
  /** All labels there are: needed where a trace does not tell the action, or not its arguments. */
  readonly labels?: readonly EdgeLabel[];
}

/** Asked of the code after the last step: it must refuse, or lead to one of the states allowed. */
export interface Probe {
  readonly label: EdgeLabel;
  /** Rows of the trace's values. */
  readonly allowed: readonly Int32Array[];
}

export interface BehaviourResult {
  readonly verdict: 'ok' | 'violation';
  /** Steps the code took. */
  readonly steps: number;
  /** What clients saw, in order; up to the failing step where there is one. */
  readonly events: readonly HistoryEvent[];
  readonly failure?: Failure;
}

/** A path through a graph as a trace: its states and the labels between them. */
export function traceOf(graph: StateGraph, path: Path): Trace {
  const width = graph.variables.length;
  const states = new Int32Array((path.edges.length + 1) * width);
  const copy = (node: number, at: number): void => {
    for (let i = 0; i < width; i += 1) states[at * width + i] = graph.states[node * width + i]!;
  };
  copy(path.start, 0);
  path.edges.forEach((edge, i) => copy(graph.edgeTarget[edge]!, i + 1));
  const labels = Array.from(path.edges, (edge) => graph.labels[graph.edgeLabel[edge]!]);
  const { variables, values } = graph;
  return { variables, values, length: path.edges.length + 1, states, labels };
}

/** Runs one behaviour; for many of one model, a `BehaviourRunner` is faster. */
export function runBehaviour<S>(
  trace: Trace,
  binding: Binding<S>,
  options: BehaviourOptions,
): BehaviourResult {
  return new BehaviourRunner(trace, binding, options).run(trace);
}

interface Step<S> {
  readonly label: EdgeLabel;
  readonly number: number;
  readonly state: S;
  readonly choice: unknown;
}

interface Report extends FailureReport {
  /** What the code led to. */
  readonly rows?: readonly Int32Array[];
  /** Where the model lets the step lead. */
  readonly allowed?: readonly Int32Array[];
}

/** Ends a run: what went wrong in the step under way. */
class Rejected extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(report.summary);
    this.report = report;
  }
}

export class BehaviourRunner<S> {
  private readonly binding: Binding<S>;
  private readonly options: BehaviourOptions;
  private readonly offers: Offers<S>;
  private readonly numbers = new Map<EdgeLabel, number>();
  private readonly values: ValueTable;
  private readonly variables: readonly string[];
  private readonly reader: RowReader;
  private readonly row: Int32Array;
  private view: ModelState = {};

  /** All traces it runs must have the variables and the values of this one. */
  constructor(
    like: { readonly variables: readonly string[]; readonly values: ValueTable },
    binding: Binding<S>,
    options: BehaviourOptions,
  ) {
    const actions = new Set(Object.keys(options.parameterNames));
    checkBinding(binding, { actions, variables: like.variables });
    this.binding = binding;
    this.options = options;
    this.values = like.values;
    this.variables = like.variables;
    this.offers = new Offers({ ...options, binding, labels: [] });
    this.reader = new RowReader(like.values, like.variables, binding.hidden);
    this.row = new Int32Array(like.variables.length).fill(-1);
  }

  run(trace: Trace, probe?: Probe): BehaviourResult {
    if (trace.values !== this.values || trace.variables.join() !== this.variables.join())
      throw new TypeError('the trace has other variables or values than the runner was made for');
    const events: HistoryEvent[] = [];
    let at = -1;
    try {
      let state = this.start(trace);
      for (at = 0; at < trace.length - 1; at += 1) {
        const step = this.step(trace, at, state);
        this.record(step, state, events);
        state = step.state;
      }
      if (probe !== undefined) this.probe(state, probe);
      return { verdict: 'ok', steps: at, events };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      const failure = this.failure(trace, at, error.report);
      return { verdict: 'violation', steps: Math.max(at, 0), events, failure };
    }
  }

  private start(trace: Trace): S {
    if (trace.length === 0) throw new Rejected(report('empty', 'the behaviour has no states'));
    const states = this.attempt('init', () => {
      const made = this.binding.init(this.options.constants);
      return Array.isArray(made) ? (made as readonly S[]) : [made as S];
    });
    for (const state of states) {
      checkView(
        this.binding,
        this.variables,
        this.attempt('view', () => this.binding.view(state)),
      );
      if (!this.shows(state, trace, 0)) continue;
      this.reader.useBase(this.view, this.row);
      return state;
    }
    throw new Rejected(report('init', "the code never starts in the behaviour's first state"));
  }

  /** The code's step from state `at` of the trace to the next. */
  private step(trace: Trace, at: number, state: S): Step<S> {
    seal(state);
    const told = trace.labels[at];
    let found: Step<S> | undefined;
    let offered = 0;
    for (const label of this.candidates(told)) {
      const number = this.numberOf(label);
      this.attempt('action', () =>
        this.offers.visit(state, number, (result, choice) => {
          offered += 1;
          if (!this.shows(result, trace, at + 1)) return false;
          found = { label, number, state: result, choice };
          return true;
        }),
      );
      if (found !== undefined) break;
    }
    if (found === undefined) {
      const name = told === undefined ? 'a step' : callText({ values: this.values }, told);
      const reason =
        offered === 0
          ? `the model does ${name} here, in the code it is not enabled`
          : `the model's ${name} leads where the code's does not`;
      throw new Rejected(report('missing', reason, this.offered(trace, at, state)));
    }
    this.reader.useBase(this.view, this.row);
    return found;
  }

  private probe(state: S, { label, allowed }: Probe): void {
    seal(state);
    this.attempt('action', () =>
      this.offers.visit(state, this.numberOf(label), (result, choice) => {
        this.view = this.attempt('view', () => this.binding.view(result));
        this.reader.read(this.view, this.row);
        if (allowed.some((row) => this.reader.equal(this.row, row, 0))) return;
        const name = callText({ values: this.values }, label);
        throw new Rejected({
          ...report(
            'forbidden',
            allowed.length === 0
              ? `the code can do ${name} here, the model cannot`
              : `the code's ${name} leads where the model's does not`,
            [this.row.slice()],
          ),
          allowed,
          action: label.action,
          args: label.args.map((arg, i) => ({
            name: this.options.parameterNames[label.action]?.[i] ?? '?',
            value: this.values.format(this.values.intern(arg)),
          })),
          ...(choice !== undefined && { choice: choiceText({ values: this.values }, choice) }),
        });
      }),
    );
  }

  /** The labels a step may have: one, where the trace tells. */
  private candidates(told: EdgeLabel | undefined): readonly EdgeLabel[] {
    const { parameterNames, labels } = this.options;
    if (told !== undefined && (parameterNames[told.action]?.length ?? 0) === told.args.length)
      return [told];
    if (labels === undefined) {
      throw new BindingError(
        'unlabelled-step',
        `the trace does not tell ${told === undefined ? 'the action' : `the arguments of ${told.action}`} of a step`,
        'give all labels of the model, or let the trace carry actions with their arguments',
      );
    }
    return told === undefined ? labels : labels.filter(({ action }) => action === told.action);
  }

  private numberOf(label: EdgeLabel): number {
    let number = this.numbers.get(label);
    if (number === undefined) {
      number = this.offers.add(label);
      this.numbers.set(label, number);
    }
    return number;
  }

  /** Whether the view of `state` is state `at` of the trace; leaves view and row behind. */
  private shows(state: S, trace: Trace, at: number): boolean {
    this.view = this.attempt('view', () => this.binding.view(state));
    try {
      this.reader.read(this.view, this.row);
    } catch (error) {
      if (!(error instanceof ViewError)) throw error;
      throw new Rejected(
        report('view', `the view of the code's state is no TLA+ value: ${error.message}`),
      );
    }
    return this.reader.equal(this.row, trace.states, at * this.variables.length);
  }

  private record(step: Step<S>, before: S, events: HistoryEvent[]): void {
    const { history } = this.binding;
    if (history === undefined) return;
    const args = this.offers.argsOf(step.number);
    const seen = this.attempt('history', () =>
      this.binding.history?.(step.label.action, args, before, step.state, step.choice),
    );
    if (seen === undefined) return;
    if (Array.isArray(seen)) events.push(...(seen as readonly HistoryEvent[]));
    else events.push(seen as HistoryEvent);
  }

  private attempt<T>(during: Thrown['during'], work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof Rejected || thrown instanceof BindingError) throw thrown;
      const cause = thrown instanceof Thrown ? thrown.cause : thrown;
      const error = errorOf(cause);
      const kind = isChange(cause) ? 'mutated' : 'threw';
      throw new Rejected({
        ...report(kind, `${during} of the binding threw: ${error.message}`),
        error,
      });
    }
  }

  /** Rows of what the code offers instead, the model's successor being state at + 1. */
  private offered(trace: Trace, at: number, state: S): Int32Array[] {
    const rows: Int32Array[] = [];
    for (const label of this.candidates(trace.labels[at])) {
      this.offers.visit(state, this.numberOf(label), (result) => {
        this.shows(result, trace, at + 1);
        rows.push(this.row.slice());
      });
    }
    return rows;
  }

  private failure(trace: Trace, at: number, { rows = [], allowed = [], ...made }: Report): Failure {
    const graph = lineOf(trace);
    const where = new Whereabouts(graph, this.options.parameterNames, this.reader.columns);
    const {
      enabled: _,
      node: __,
      failing: ___,
      ...place
    } = trace.length === 0 ? {} : where.of(Math.max(at, 0));
    const target = at + 1 < trace.length ? where.row(at + 1) : undefined;
    const near = target === undefined ? undefined : rows[where.nearest(target, rows)];
    const log = new FailureLog(1);
    const told = trace.labels[at];
    log.add(made.kind, undefined, () => ({
      ...made,
      step: at + 1,
      ...place,
      ...(told !== undefined && where.label(graph.edgeLabel[at]!)),
      ...(made.kind === 'forbidden' && {
        differences: rows.flatMap((row) =>
          where.differences(
            row,
            allowed[where.nearest(row, allowed)] ?? where.row(Math.max(at, 0)),
          ),
        ),
        comparedWith:
          allowed.length === 0 ? 'the state before the step' : 'the nearest of its successors',
      }),
      ...(target !== undefined &&
        made.kind === 'missing' && {
          differences: where.differences(near ?? where.row(at), target),
          comparedWith:
            near === undefined
              ? "the model's next state; the code side is the state before the step"
              : "the model's next state; the code side is the nearest of what the code offers",
        }),
    }));
    return log.failures[0]!;
  }
}

function report(kind: FailureKind, summary: string, rows?: readonly Int32Array[]): Report {
  return { kind, summary, differences: [], ...(rows !== undefined && { rows }) };
}

/** A trace as a graph of one line, a node a state, so that reports can walk it. */
export function lineOf(trace: Trace): StateGraph {
  const { variables, values, states, length } = trace;
  const edgeCount = Math.max(0, length - 1);
  const unknown: EdgeLabel = { action: '(not told)', args: [] };
  return {
    variables,
    values,
    nodeCount: length,
    states,
    initial: Int32Array.of(...(length === 0 ? [] : [0])),
    edgeOffset: Int32Array.from({ length: length + 1 }, (_, node) => Math.min(node, edgeCount)),
    edgeTarget: Int32Array.from({ length: edgeCount }, (_, edge) => edge + 1),
    edgeLabel: Int32Array.from({ length: edgeCount }, (_, edge) => edge),
    labels: Array.from({ length: edgeCount }, (_, edge) => trace.labels[edge] ?? unknown),
    edgeCount,
    rawEdgeCount: edgeCount,
  };
}
