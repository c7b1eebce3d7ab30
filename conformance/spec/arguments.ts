// The constant arguments of each action, evaluated by TLC itself in one short run that explores nothing.
// What must hold: every combination the quantifiers of Next allow is here once, and no other.

import { runTlc, type TlcOptions } from '../tlc/run.ts';
import type { TlcResult } from '../tlc/result.ts';
import { ValueTable } from '../value/table.ts';
import { isModelValue, type TlaValue } from '../value/value.ts';
import type { Disjunct } from './actions.ts';
import { formatCfg, type Cfg } from './cfg.ts';
import type { SpecBehaviour } from './declarations.ts';
import { SpecError } from './specError.ts';

/** One action under one combination of arguments, as TLA+ text. */
export interface ActionInstance {
  readonly action: string;
  readonly args: readonly string[];
}

export interface ArgumentRun {
  readonly instances: readonly ActionInstance[];
  /** Constants of the spec as TLA+ text. */
  readonly constants: Readonly<Record<string, string>>;
  /** Model values that the arguments name: they must be declared where the arguments are written. */
  readonly modelValues: readonly string[];
}

const moduleName = 'BisimArguments';
const mark = '"@bisim ';
const evaluationMs = 120_000;
const evaluationMb = 1_024;

/** More actions than this is no model one replays; TLC itself would crawl. */
export const instancesMax = 20_000;

function assumption(disjunct: Disjunct, index: number): string {
  const quantifiers = disjunct.binders.map(({ text }) => `\\A ${text} :\n`).join('');
  const prints = [`PrintT("@bisim ${index}")`, ...disjunct.args.map(printed)];
  return `ASSUME ${quantifiers} ${prints.join('\n  /\\ ')}`;
}

/** Prints a value so that `records` finds it. */
export const printed = (text: string): string => `PrintT("@bisim value") /\\ PrintT(${text})`;

function moduleText(spec: SpecBehaviour): string {
  const { declarations, disjuncts } = spec;
  const { module, variables, constants } = declarations;
  const init = variables.map((name) => `${name} = 0`).join(' /\\ ');
  return [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${module}, TLC`,
    ...disjuncts.map(assumption),
    ...constants.map((name) => `ASSUME PrintT("@bisim constant ${name}") /\\ ${printed(name)}`),
    `BisimInit == ${init || 'TRUE'}`,
    `BisimNext == UNCHANGED <<${variables.join(', ')}>>`,
    '====',
    '',
  ].join('\n');
}

function evaluationCfg(cfg: Cfg): string {
  const { constants } = cfg;
  const none = { invariants: [], properties: [], constraints: [], actionConstraints: [] };
  return formatCfg({
    ...none,
    constants,
    init: 'BisimInit',
    next: 'BisimNext',
    checkDeadlock: false,
  });
}

/** The printed lines as records: a head, and the values that follow it. */
export function records(prints: readonly string[]): { head: string; values: string[] }[] {
  const found: { head: string; values: string[] }[] = [];
  for (const line of prints) {
    const record = found.at(-1);
    if (line === `${mark}value"`) record?.values.push('');
    else if (line.startsWith(mark)) found.push({ head: line.slice(mark.length, -1), values: [] });
    else if (record && record.values.length > 0) {
      const last = record.values.length - 1;
      record.values[last] = `${record.values[last]} ${line}`.trim();
    }
  }
  return found;
}

/** The names of all model values inside a value. */
export function modelValuesOf(value: TlaValue, into: Set<string>): void {
  if (isModelValue(value)) into.add(value.name);
  else if (Array.isArray(value) || value instanceof Set) {
    for (const each of value as Iterable<TlaValue>) modelValuesOf(each, into);
  } else if (value instanceof Map) {
    for (const [key, each] of value as ReadonlyMap<TlaValue, TlaValue>) {
      modelValuesOf(key, into);
      modelValuesOf(each, into);
    }
  } else if (typeof value === 'object') {
    for (const each of Object.values(value)) modelValuesOf(each, into);
  }
}

export function readArguments(spec: SpecBehaviour, prints: readonly string[]): ArgumentRun {
  const instances = new Map<string, ActionInstance>();
  const constants: Record<string, string> = {};
  const names = new Set<string>();
  const table = new ValueTable();
  for (const { head, values } of records(prints)) {
    if (head.startsWith('constant ')) {
      constants[head.slice('constant '.length)] = values[0] ?? '';
      continue;
    }
    const disjunct = spec.disjuncts[Number(head)];
    if (!disjunct) continue;
    const args = values.map((value) => {
      const id = table.parse(value);
      modelValuesOf(table.value(id), names);
      return table.format(id);
    });
    instances.set([disjunct.action, ...args].join('\0'), { action: disjunct.action, args });
  }
  return { instances: [...instances.values()], constants, modelValues: [...names].sort() };
}

/** Runs TLC for the arguments. A run that fails (an ASSUME of the spec, say) is handed back as it is. */
export async function evaluateArguments(
  spec: SpecBehaviour,
  o: Pick<TlcOptions, 'module' | 'modules' | 'libraryPaths' | 'jar' | 'signal'> & { cfg: Cfg },
): Promise<{ run?: ArgumentRun; tlc: TlcResult }> {
  const tlc = await runTlc({
    ...o,
    cfg: evaluationCfg(o.cfg),
    modules: [...(o.modules ?? []), { name: moduleName, text: moduleText(spec) }],
    root: moduleName,
    timeoutMs: evaluationMs,
    memoryMb: evaluationMb,
    tiny: true,
  });
  if (tlc.verdict !== 'ok') return { tlc };
  const run = readArguments(spec, tlc.prints);
  if (run.instances.length === 0) {
    const message = `every action of ${spec.next} ranges over an empty set: nothing can ever happen`;
    throw new SpecError(
      'no-actions',
      message,
      'Give the constants of the cfg at least one element each.',
    );
  }
  if (run.instances.length > instancesMax) {
    const message = `${run.instances.length} combinations of action arguments`;
    throw new SpecError(
      'evaluation',
      message,
      'Use smaller constant sets in a model that is replayed.',
    );
  }
  return { run, tlc };
}
