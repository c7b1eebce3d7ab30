/**
 * What the HTML report shows, as plain data: any verb fills the sections it has. Values are TLA+
 * text; the page escapes everything.
 */
import type { ReportVerdict } from './outcome.ts';

export interface ReportPage {
  readonly title: string;
  readonly verdict: ReportVerdict;
  /** Label and value, as the page's head shows them. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly models?: readonly ModelRow[];
  readonly graphs?: readonly DrawnGraph[];
  readonly coverage?: readonly CoverageRow[];
  readonly counterexamples?: readonly ShownBehaviour[];
  readonly histories?: readonly ShownHistory[];
  readonly mutants?: readonly ShownMutant[];
  readonly problems?: readonly string[];
}

export interface ModelRow {
  readonly name: string;
  readonly verdict: string;
  readonly distinct: number;
  readonly depth: number;
  readonly edges: number;
  readonly replayed: number;
  readonly seconds: number;
}

/** A state graph: drawn where it is small, summarised by the page where not. */
export interface DrawnGraph {
  readonly name: string;
  readonly states: number;
  readonly edges: number;
  readonly actions: readonly { readonly action: string; readonly edges: number }[];
  /** How many states have how many steps out of them, by degree. */
  readonly degrees?: readonly { readonly degree: number; readonly states: number }[];
  /** Present only for graphs of at most some 300 states. */
  readonly nodes?: readonly GraphNode[];
  readonly arrows?: readonly {
    readonly from: number;
    readonly to: number;
    readonly label: string;
  }[];
}

export interface GraphNode {
  readonly id: number;
  readonly initial: boolean;
  readonly state: Readonly<Record<string, string>>;
}

export interface CoverageRow {
  readonly group: string;
  readonly action: string;
  readonly edges: number;
  readonly reached: number;
}

export interface ShownStep {
  /** Absent for the initial state. */
  readonly action?: string;
  readonly args: readonly { readonly name: string; readonly value: string }[];
  readonly state: Readonly<Record<string, string>>;
  /** Names of the variables that this step changed. */
  readonly changed: readonly string[];
  /** What it changed inside them; absent for the initial state, and where nobody took it apart. */
  readonly changes?: readonly ShownChange[];
  /** Which process acts, where an argument tells it: a lane of the space-time diagram. */
  readonly process?: string;
  /** Messages that this step added to, or took from, the network. */
  readonly sent?: readonly string[];
  readonly received?: readonly string[];
}

/** One part of one variable; a part that only one of the states has lacks the other's text. */
export interface ShownChange {
  readonly variable: string;
  /** The way to the part: `log["r1"][2]`; for an element of a set, the way to the set. */
  readonly at: string;
  readonly isElement: boolean;
  readonly before?: string;
  readonly after?: string;
}

/** A counterexample, a failing replay, a rejected trace: steps with what each changed. */
export interface ShownBehaviour {
  readonly title: string;
  readonly reason: string;
  readonly steps: readonly ShownStep[];
  /** The last state repeats for ever, or the behaviour goes back to this step (from 1). */
  readonly lasso?: 'stuttering' | number;
  /** The step that goes back. */
  readonly back?: Pick<ShownStep, 'action' | 'args'>;
  /** The command that repeats it. */
  readonly repeat?: string;
}

export interface ShownHistory {
  readonly title: string;
  readonly verdict: string;
  readonly reason?: string;
  /** A standalone HTML timeline (as timelineHtml makes it), embedded sandboxed. */
  readonly timeline: string;
}

export interface ShownMutant {
  readonly id: string;
  readonly file: string;
  readonly what: string;
  readonly verdict: 'killed' | 'survived' | 'equivalent' | 'error';
  readonly by: string;
  readonly reason: string;
}
