/**
 * Judges one mutant of code by replaying the model's graph on it. A survivor is looked at twice more:
 * with code that fails where the mutant was made, to see whether the model gets there; and side by
 * side with the real code, to see whether any call gives another result.
 */
import { join } from 'node:path';
import type { StateGraph } from '../behaviour/graph.ts';
import type { AnyBinding } from '../replay/bindingModule.ts';
import { loadBinding } from '../replay/bindingModule.ts';
import { replayGraph, type ReplayOptions } from '../replay/driver.ts';
import type { CodeClosure } from '../sources/codeClosure.ts';
import { stageCode } from '../sources/stageCode.ts';
import { sameResult } from './sameResult.ts';
import { twinDifference, twinOf, type Twins } from './twin.ts';
import type { MutantJudgement } from './verdict.ts';
import { firstLine } from './verdict.ts';

export interface CodeSetting {
  readonly graph: StateGraph;
  readonly replay: ReplayOptions;
  readonly root: string;
  readonly closure: CodeClosure;
  readonly temporary: string;
  readonly binding: AnyBinding;
}

/** A mutant's file, as it is mutated, and with code that fails in the same place. */
export interface CodeTask {
  readonly file: string;
  readonly mutated: string;
  readonly probed: string;
}

type Verdict = Omit<MutantJudgement, 'seconds'>;

export async function judgeCode(task: CodeTask, setting: CodeSetting): Promise<MutantJudgement> {
  const begun = performance.now();
  const verdict = await judged(task, setting);
  return { ...verdict, seconds: (performance.now() - begun) / 1_000 };
}

async function judged({ file, mutated, probed }: CodeTask, setting: CodeSetting): Promise<Verdict> {
  let endless = false;
  const failure = await withCode(setting, file, mutated, (binding) => {
    const found = firstOf(setting, binding);
    endless = found.endless;
    return found.failure;
  });
  if (endless) return { verdict: 'killed', by: 'limit', reason: failure ?? '' };
  if (failure !== undefined) return { verdict: 'killed', by: 'replay', reason: failure };
  const reached = await withCode(setting, file, probed, (binding) => failureOf(setting, binding));
  if (reached === undefined) {
    return { verdict: 'outside', by: '', reason: 'no step of this model runs it' };
  }
  const differs = await differenceOf(file, mutated, setting);
  if (differs === '') {
    return {
      verdict: 'equivalent',
      by: '',
      reason: 'every call of the replay gives the same result',
    };
  }
  const reason = `${differs} gives another result, which no view shows`;
  return { verdict: 'hole', by: '', reason };
}

/** Runs with the staged copy of the code; a copy that cannot be loaded fails, as replay would. */
async function withCode<T>(
  { root, closure, temporary }: CodeSetting,
  file: string,
  text: string,
  use: (binding: AnyBinding) => T,
): Promise<T | string> {
  const replaced = new Map([[file, text]]);
  const staged = stageCode({ root, closure, replaced, temporary });
  try {
    const binding = await loadBinding(staged.entry, join(temporary, 'transpiled'));
    return use(binding);
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : String(error));
  } finally {
    staged.dispose();
  }
}

/** What gives another result than in the real code: an action of the binding, or a function it calls. */
async function differenceOf(file: string, mutated: string, setting: CodeSetting): Promise<string> {
  const { root, closure, temporary } = setting;
  const real = stageCode({ root, closure, replaced: new Map(), temporary });
  const twin = twinOf({ file, mutated, closure, root, real: real.folder });
  const staged = stageCode({ root, closure: twin.closure, replaced: twin.replaced, temporary });
  const seen = twinDifference();
  try {
    seen.differs = '';
    const binding = await loadBinding(staged.entry, join(temporary, 'transpiled'));
    failureOf(setting, sideBySide(setting.binding, binding, seen));
    return seen.differs;
  } finally {
    staged.dispose();
    real.dispose();
  }
}

function failureOf(setting: CodeSetting, binding: AnyBinding): string | undefined {
  return firstOf(setting, binding).failure;
}

/** Endless: nothing failed in as many pairs of states as were allowed, and there are more. */
function firstOf(
  { graph, replay }: CodeSetting,
  binding: AnyBinding,
): { failure: string | undefined; endless: boolean } {
  const { failures, reason } = replayGraph(graph, binding, { ...replay, stopAfter: 1 });
  const [first] = failures;
  const failure = first ? firstLine(first.summary) : reason;
  return { failure, endless: first === undefined && reason !== undefined };
}

function sameStates(a: unknown, b: unknown): boolean {
  const [ours, theirs] = [a, b].map((made): readonly unknown[] =>
    Array.isArray(made) ? made : [made],
  ) as [readonly unknown[], readonly unknown[]];
  const within = (some: readonly unknown[], all: readonly unknown[]): boolean =>
    some.every((one) => all.some((other) => sameResult(one, other)));
  return within(ours, theirs) && within(theirs, ours);
}

/** The mutated binding, each of whose calls is made on the real one too. */
function sideBySide(real: AnyBinding, mutated: AnyBinding, seen: Twins): AnyBinding {
  const note = (name: string, a: unknown, b: unknown): void => {
    if (seen.differs === '' && !sameResult(a, b)) seen.differs = name;
  };
  const actions = Object.entries(mutated.actions).map(([name, action]) => {
    const other = real.actions[name];
    const both: typeof action = (state, args, choice, constants) => {
      const result = action(state, args, choice, constants);
      note(name, result, other?.(state, args, choice, constants));
      return result;
    };
    return [name, both] as const;
  });
  return {
    ...mutated,
    init: (constants) => {
      // Initial states are a set: their order, and how often each is named, decide nothing.
      seen.quiet = true;
      const made = mutated.init(constants);
      const others = real.init(constants);
      seen.quiet = false;
      if (!sameStates(made, others)) note('init', made, others);
      return made;
    },
    view: (state) => {
      const view = mutated.view(state);
      note('view', view, real.view(state));
      return view;
    },
    actions: Object.fromEntries(actions),
  };
}
