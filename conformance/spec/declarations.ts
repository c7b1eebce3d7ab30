// What a spec declares, as SANY reads it: constants, variables, operators, and under a cfg the actions of Next.

import type { TlcLocation } from '../tlc/result.ts';
import { actionsOf, NextReader, type Disjunct, type SpecAction } from './actions.ts';
import { behaviourSpec, type BehaviourSpec } from './behaviourSpec.ts';
import type { Cfg } from './cfg.ts';
import { contentKey, loadSyntax } from './loadSpec.ts';
import type { SpecSource } from './sany.ts';
import { SpecError } from './specError.ts';
import { readSources } from './sourceText.ts';
import { placeOf, type Definition, type Level, type SpecSyntax } from './syntax.ts';

export type { SpecAction } from './actions.ts';

export interface SpecOperator {
  readonly name: string;
  readonly arity: number;
  readonly params: readonly string[];
  /** 0 constant, 1 state, 2 action, 3 temporal. */
  readonly level: Level;
  readonly module: string;
  readonly location: TlcLocation;
}

export interface SpecDeclarations {
  readonly module: string;
  /** All modules of the spec, the standard ones included. */
  readonly modules: readonly string[];
  readonly constants: readonly string[];
  readonly variables: readonly string[];
  readonly operators: readonly SpecOperator[];
}

/** The declarations, and under a cfg what its behaviours are made of. Plain data: fit for a cache. */
export interface SpecBehaviour {
  readonly declarations: SpecDeclarations;
  readonly init: string;
  readonly next: string;
  readonly subscript?: string;
  readonly fairness: readonly string[];
  readonly actions: readonly SpecAction[];
  readonly disjuncts: readonly Disjunct[];
}

function operatorOf(syntax: SpecSyntax, definition: Definition): SpecOperator {
  return {
    name: definition.name,
    arity: definition.arity,
    params: syntax.parameters(definition),
    level: definition.level,
    module: definition.span.module,
    location: placeOf(definition.span),
  };
}

export function declarationsOf(syntax: SpecSyntax): SpecDeclarations {
  const of = (kind: Definition['kind']): Definition[] =>
    syntax.visible.filter((each) => each.kind === kind);
  const inOrder = (a: Definition, b: Definition): number => Number(a.id) - Number(b.id);
  return {
    module: syntax.root,
    modules: syntax.modules,
    constants: of('constant')
      .sort(inOrder)
      .map((each) => each.name),
    variables: of('variable')
      .sort(inOrder)
      .map((each) => each.name),
    operators: of('operator').map((each) => operatorOf(syntax, each)),
  };
}

/** Everything SANY knows of the root module. One start of Java. */
export async function readSpec(o: SpecSource): Promise<SpecDeclarations> {
  return declarationsOf(await loadSyntax(o, await contentKey(o)));
}

/** A cfg that gives values to what the spec lacks passes TLC in silence (measured), so it is held here. */
export function checkConstants(declarations: SpecDeclarations, cfg: Cfg): void {
  const given = new Set(cfg.constants.map(({ name }) => name));
  const known = new Set(declarations.constants);
  const operators = new Map(declarations.operators.map((each) => [each.name, each]));
  for (const { name, kind, value, module } of cfg.constants) {
    if (!known.has(name) && !operators.has(name) && !isOwnModelValue(name, kind, value)) {
      const message = `the cfg sets ${name}, but ${declarations.module} declares no such constant`;
      const list = declarations.constants.join(', ') || 'none';
      throw new SpecError('unknown-constant', message, `Its constants are: ${list}.`);
    }
    if (kind === '<-' && module === undefined && !operators.has(value) && !known.has(value)) {
      const message = `the cfg replaces ${name} by ${value}, which ${declarations.module} does not define`;
      throw new SpecError('unknown-operator', message, nameNext(declarations.module));
    }
  }
  const missing = declarations.constants.filter((name) => !given.has(name));
  if (missing.length === 0) return;
  const message = `the cfg gives no value to ${missing.join(', ')}`;
  throw new SpecError('missing-constant', message, 'Add a line to CONSTANTS for each.');
}

/** `r1 = r1` names a model value that the spec itself need not declare, yet TLC ignores it: a slip all the same. */
function isOwnModelValue(name: string, kind: string, value: string): boolean {
  return kind === '=' && name === value;
}

function checkOperators(declarations: SpecDeclarations, cfg: Cfg): void {
  const known = new Set(declarations.operators.map((each) => each.name));
  const sections = {
    INVARIANT: cfg.invariants,
    PROPERTY: cfg.properties,
    CONSTRAINT: cfg.constraints,
    ACTION_CONSTRAINT: cfg.actionConstraints,
  };
  for (const [section, names] of Object.entries(sections)) {
    for (const name of names) {
      if (known.has(name)) continue;
      const message = `the cfg's ${section} names ${name}, which ${declarations.module} does not define`;
      throw new SpecError('unknown-operator', message, nameNext(declarations.module));
    }
  }
}

/** Bindings name the spec; that its model has a module of its own is told by the name of the cfg. */
const nameNext = (module: string): string =>
  `Correct the name in the cfg; or, where a module that extends ${module} defines it, name the cfg after that module: MC${module}.cfg or MC${module}-small.cfg beside MC${module}.tla.`;

/** The spec under a cfg: declarations, and Next taken apart into actions. One start of Java. */
export async function readBehaviour(o: SpecSource & { cfg: Cfg }): Promise<SpecBehaviour> {
  const syntax = await loadSyntax(o, await contentKey(o));
  const declarations = declarationsOf(syntax);
  checkConstants(declarations, o.cfg);
  checkOperators(declarations, o.cfg);
  const text = await readSources({ ...o, names: syntax.modules });
  const spec: BehaviourSpec = behaviourSpec(syntax, text, o.cfg);
  const replaced = new Set(
    o.cfg.constants.filter(({ kind }) => kind === '<-').map(({ name }) => name),
  );
  const disjuncts = new NextReader(syntax, text, replaced).read(spec.next);
  const { init, subscript, fairness } = spec;
  return {
    declarations,
    init,
    next: spec.next.name,
    ...(subscript === undefined ? {} : { subscript }),
    fairness,
    actions: actionsOf(disjuncts),
    disjuncts,
  };
}

/** Refuses a cfg whose graph would not be the spec's: quotients, hidden states, constraints over two states. */
export function checkReplayable(declarations: SpecDeclarations, cfg: Cfg): void {
  const refused = (code: SpecError['code'], message: string, next: string): never => {
    throw new SpecError(code, message, next);
  };
  for (const [section, name] of [
    ['SYMMETRY', cfg.symmetry],
    ['VIEW', cfg.view],
  ] as const) {
    if (name === undefined) continue;
    const message = `the cfg has ${section} ${name}: the graph is then a quotient, its states are not the spec's`;
    refused('quotient', message, `Remove ${section} from a model that is replayed.`);
  }
  if (cfg.constraints.length > 0) {
    const message = `the cfg has CONSTRAINT ${cfg.constraints.join(', ')}: states beyond it are absent from the graph, and right code looks wrong`;
    refused(
      'hidden-states',
      message,
      'Bound by constant sets, or by an ACTION_CONSTRAINT over the unprimed state.',
    );
  }
  const operators = new Map(declarations.operators.map((each) => [each.name, each]));
  for (const name of cfg.actionConstraints) {
    const operator = operators.get(name);
    if (!operator || operator.level < 2) continue;
    const message = `ACTION_CONSTRAINT ${name} looks at the primed state: steps beyond it are absent from the graph, and right code looks wrong`;
    const next = 'Let it speak of the unprimed state only.';
    throw new SpecError('primed-constraint', message, next, operator.location);
  }
}
