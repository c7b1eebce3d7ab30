// The arguments of each step of a counterexample, from the state pair alone: TLC itself is asked, in one short run, which
// disjuncts of Next hold of each pair. What must hold: an action and arguments are named only where the step is truly
// theirs; whatever cannot be asked leaves the trace as it was.

import { runTlc, type TlcOptions } from '../tlc/run.ts';
import type { TlcResult, TlcTraceStep } from '../tlc/result.ts';
import type { GeneratedModule } from '../tlc/stage.ts';
import { ValueTable } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';
import type { Disjunct } from './actions.ts';
import { modelValuesOf, printed, records } from './arguments.ts';
import { formatCfg, type Cfg } from './cfg.ts';
import type { SpecBehaviour } from './declarations.ts';

const moduleName = 'BisimSteps';
/** The variable that says which pair of states is asked about. */
export const position = 'bisimAt';
const evaluationMs = 60_000;
const evaluationMb = 1_024;
/** A longer counterexample is read from its end. */
const stepsMax = 1_000;

export type NamingOptions = Pick<
  TlcOptions,
  'module' | 'modules' | 'libraryPaths' | 'jar' | 'signal'
> & { readonly cfg: Cfg };

/** The same result, the steps of its trace with arguments wherever they could be told. */
export async function nameSteps(
  tlc: TlcResult,
  spec: SpecBehaviour,
  o: NamingOptions,
): Promise<TlcResult> {
  const { trace = [], lasso, back } = tlc;
  const target = typeof lasso === 'number' ? trace[lasso - 1] : undefined;
  if (target === undefined || back === undefined) {
    return { ...tlc, trace: await namedSteps(trace, spec, o) };
  }
  // The step back is one as any other.
  const whole = await namedSteps([...trace, { ...back, state: target.state }], spec, o);
  const { state: _state, location: _location, ...last } = whole.at(-1)!;
  return { ...tlc, trace: whole.slice(0, -1), back: last };
}

export async function namedSteps(
  trace: readonly TlcTraceStep[],
  spec: SpecBehaviour,
  o: NamingOptions,
): Promise<readonly TlcTraceStep[]> {
  if (trace.length < 2 || trace.some(({ args }) => args !== undefined)) return trace;
  const from = Math.max(0, trace.length - stepsMax);
  const question = questionOf(trace.slice(from), spec, o.cfg);
  if (question === undefined) return trace;
  const answer = await runTlc({
    ...o,
    cfg: question.cfg,
    modules: [...(o.modules ?? []), question.module],
    root: moduleName,
    timeoutMs: evaluationMs,
    memoryMb: evaluationMb,
    deadlock: false,
    tiny: true,
  });
  const found = readAnswers(answer.prints, spec.disjuncts);
  return trace.map((step, index) => {
    const candidates = found.get(index - from) ?? [];
    return withArguments(step, candidates);
  });
}

interface Named {
  readonly action: string;
  readonly args: readonly string[];
}

/** What TLC called the step decides between actions; a name that is none of the spec's decides nothing. */
function withArguments(step: TlcTraceStep, candidates: readonly Named[]): TlcTraceStep {
  const own = candidates.filter(({ action }) => action === step.action);
  const [first] = own.length > 0 ? own : candidates;
  return first === undefined ? step : { ...step, action: first.action, args: first.args };
}

interface Question {
  readonly module: GeneratedModule;
  readonly cfg: string;
}

function questionOf(
  trace: readonly TlcTraceStep[],
  spec: SpecBehaviour,
  cfg: Cfg,
): Question | undefined {
  const { variables, constants, operators, module } = spec.declarations;
  const rows = readStates(trace, variables);
  const taken = new Set([...variables, ...operators.map(({ name }) => name)]);
  if (rows === undefined || taken.has(position)) return undefined;
  const values = [...rows.models].filter((name) => !constants.includes(name)).sort();
  if (values.some((name) => taken.has(name))) return undefined;
  const text = [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${module}, TLC`,
    ...(values.length > 0 ? [`CONSTANTS ${values.join(', ')}`] : []),
    `VARIABLE ${position}`,
    ...rows.states.map((state, k) => `BisimState${k + 1} == <<${state.join(', ')}>>`),
    `BisimStates == <<${rows.states.map((_, k) => `BisimState${k + 1}`).join(', ')}>>`,
    ...initAndNext(
      spec,
      trace.slice(1).map(({ action }) => spec.actions.find(({ name }) => name === action)?.name),
    ),
    '====',
    '',
  ].join('\n');
  return { module: { name: moduleName, text }, cfg: questionCfg(cfg, values) };
}

/**
 * `reached`: per step the action that TLC names, where the spec has it. No other is asked: comparing what it would do
 * with what happened may be an error of types.
 */
function initAndNext(
  { declarations, disjuncts }: SpecBehaviour,
  reached: readonly (string | undefined)[],
): string[] {
  const { variables } = declarations;
  const set = (prime: string, at: string): string[] =>
    variables.map((name, i) => `${name}${prime} = BisimStates[${at}][${i + 1}]`);
  // No arithmetic: a spec need not extend Naturals.
  const after = reached.map((_, k) => k + 2).join(', ');
  return [
    `BisimAfter == <<${after}>>`,
    `BisimInit == ${[`${position} = 1`, ...set('', '1')].join('\n  /\\ ')}`,
    ...disjuncts.map((disjunct, index) => {
      const asked = reached.flatMap((action, k) =>
        action === undefined || action === disjunct.action ? [k + 1] : [],
      );
      return `BisimTell${index} == ${position} \\in {${asked.join(', ')}} =>\n${tell(disjunct, index)}`;
    }),
    'BisimNext ==',
    `  /\\ ${position} \\in DOMAIN BisimAfter`,
    `  /\\ ${position}' = BisimAfter[${position}]`,
    ...set("'", `BisimAfter[${position}]`).map((line) => `  /\\ ${line}`),
    // All variables are given above: from here on TLC only evaluates.
    ...disjuncts.map((_, index) => `  /\\ BisimTell${index}`),
  ];
}

/** Says with which arguments the disjunct holds of the state pair: with all of them, and true in any case. */
export function tell({ action, binders, args }: Disjunct, index: number): string {
  const quantifiers = binders.map(({ text }) => `\\A ${text} :\n`).join('');
  const applied = args.length === 0 ? action : `${action}(${args.join(', ')})`;
  const prints = [`PrintT("@bisim ${index}")`, ...[position, ...args].map(printed)];
  return `${quantifiers} IF ${applied}\n THEN ${prints.join('\n  /\\ ')}\n ELSE TRUE`;
}

export function questionCfg(cfg: Cfg, values: readonly string[]): string {
  const given = new Set(cfg.constants.map(({ name }) => name));
  const added = values
    .filter((name) => !given.has(name))
    .map((name) => ({ name, kind: '=' as const, value: name }));
  return formatCfg({
    constants: [...cfg.constants, ...added],
    invariants: [],
    properties: [],
    constraints: [],
    actionConstraints: [],
    init: 'BisimInit',
    next: 'BisimNext',
    checkDeadlock: false,
  });
}

interface Rows {
  readonly states: readonly (readonly string[])[];
  readonly models: ReadonlySet<string>;
}

/** The states as TLA+ text that stands on one line; undefined where one is not to be read. */
export function readStates(
  trace: readonly TlcTraceStep[],
  variables: readonly string[],
): Rows | undefined {
  const table = new ValueTable();
  const models = new Set<string>();
  try {
    const states = trace.map(({ state }) =>
      variables.map((name) => {
        const id = table.parse(state[name] ?? '');
        modelValuesOf(table.value(id), models);
        return table.format(id);
      }),
    );
    return { states, models };
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

/** By position of the state reached (from 0): what could have led there, in the order of Next. */
function readAnswers(
  prints: readonly string[],
  disjuncts: readonly Disjunct[],
): Map<number, Named[]> {
  const found = new Map<number, Named[]>();
  const seen = new Set<string>();
  const table = new ValueTable();
  for (const { head, values } of records(prints)) {
    const disjunct = disjuncts[Number(head)];
    const [at = '', ...given] = values;
    if (disjunct === undefined || given.length !== disjunct.args.length) continue;
    const args = given.map((value) => table.format(table.parse(value)));
    const key = JSON.stringify([at, disjunct.action, ...args]);
    if (seen.has(key)) continue;
    seen.add(key);
    const reached = Number(at);
    found.set(reached, [...(found.get(reached) ?? []), { action: disjunct.action, args }]);
  }
  return found;
}
