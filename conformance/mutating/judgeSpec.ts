/**
 * Judges one mutant of a spec: TLC checks the model's properties on it; where they hold, its graph is
 * compared with the spec's own, and replayed on the code, which no longer fits if the replay is worth
 * anything. What must hold: a survivor is called a hole unless it is shown to be none.
 */
import { basename } from 'node:path';
import type { StateGraph } from '../behaviour/graph.ts';
import { type GraphOptions, graphOfModel, type PreparedModel } from '../spec/graphOf.ts';
import { SpecError } from '../spec/specError.ts';
import { runTlc } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import { applyEdit, type Mutant } from './edit.ts';
import { firstFailure, type OnCode } from './firstFailure.ts';
import { sameGraph } from './sameGraph.ts';
import { firstLine, type MutantJudgement } from './verdict.ts';

export interface SpecSetting extends OnCode {
  readonly tlc: GraphOptions;
  readonly model: PreparedModel;
  readonly graph: StateGraph;
  readonly texts: ReadonlyMap<string, string>;
}

type Verdict = Omit<MutantJudgement, 'seconds'>;

export async function judgeSpec(mutant: Mutant, setting: SpecSetting): Promise<MutantJudgement> {
  const begun = performance.now();
  const verdict = await judged(mutant, setting);
  return { ...verdict, seconds: (performance.now() - begun) / 1_000 };
}

const killed = (by: string, reason: string): Verdict => ({ verdict: 'killed', by, reason });

async function judged(mutant: Mutant, setting: SpecSetting): Promise<Verdict> {
  const { tlc: options, model, graph } = setting;
  const modules = moduleOf(mutant, setting, mutant);
  try {
    const { tlc, graph: mutated } = await graphOfModel(model, { ...options, modules });
    if (tlc.verdict !== 'ok' || mutated === undefined) return refused(tlc);
    if (sameGraph(graph, mutated)) return await unchanged(mutant, setting);
    const { failure } = await firstFailure(mutated, setting);
    if (failure !== undefined) return killed('replay', firstLine(failure));
    const change = `${graph.nodeCount} states and ${graph.edgeCount} edges become ${mutated.nodeCount} and ${mutated.edgeCount}`;
    return { verdict: 'hole', by: '', reason: `${change}; no property and no replay sees it` };
  } catch (error) {
    if (error instanceof SpecError) return killed('TLC', firstLine(error.message));
    throw error;
  }
}

function moduleOf(
  mutant: Mutant,
  { texts }: SpecSetting,
  piece: Mutant['probe'],
): { name: string; text: string }[] {
  const text = texts.get(mutant.file) ?? '';
  return [{ name: basename(mutant.file, '.tla'), text: applyEdit(text, piece) }];
}

function refused(tlc: TlcResult): Verdict {
  const { verdict, kind, message = '' } = tlc;
  if (verdict === 'violation') {
    const steps = tlc.trace?.length ?? 0;
    const named = tlc.property === undefined || /^line \d/.test(tlc.property);
    const by = named ? (kind ?? 'a property') : (tlc.property ?? '');
    return killed(by, `fails after ${steps} states`);
  }
  if (kind === 'parse' || kind === 'config') {
    return { verdict: 'invalid', by: '', reason: firstLine(message) };
  }
  if (kind === 'timeout' || kind === 'memory') {
    return killed('limit', `the model no longer ends within its ${kind} limit`);
  }
  if (kind === 'interrupted' || kind === 'disk' || kind === 'crash') {
    throw new Error(`TLC: ${kind} ${firstLine(message)}`);
  }
  return killed('TLC', firstLine(message) || (kind ?? verdict));
}

/** The same graph: is the place evaluated at all? Something that fails there tells. */
async function unchanged(mutant: Mutant, setting: SpecSetting): Promise<Verdict> {
  const modules = moduleOf(mutant, setting, mutant.probe);
  const probed = await runTlc({ ...setting.tlc, modules, mode: 'check' });
  if (probed.verdict === 'ok') {
    const reason = 'no state of this model evaluates it';
    return { verdict: 'outside', by: '', reason };
  }
  const reason = 'the graph is the same, state by state and step by step';
  return { verdict: 'equivalent', by: '', reason };
}
