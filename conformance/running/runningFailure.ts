/** A rejected run in the words of replay: where, what was asked, what differs, what is enabled there. */
import type { EdgeLabel } from '../behaviour/graph.ts';
import { callText, labelText } from '../replay/coverage.ts';
import { asking, type Failure, type FailureReport, type NamedArgument } from '../replay/failure.ts';
import { failureText } from '../replay/failureText.ts';
import { edgesOf } from './possible.ts';
import type { Rejection } from './rejected.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

export function runningFailure<S>(
  world: World<S>,
  session: Session<S> | undefined,
  rejection: Rejection,
): Failure {
  const { kind, summary, label, choice, refused, error } = rejection;
  const report: FailureReport = {
    kind,
    summary,
    ...(label !== undefined && asked(world, label)),
    ...(choice !== undefined && { choice: world.where.choice(choice) }),
    ...failing(world, place(world, session), rejection),
    ...compared(world, session, rejection),
    ...(refused !== undefined && { refused }),
    ...(error !== undefined && { error }),
  };
  return { ...report, text: failureText(report) };
}

function asked<S>(
  { graph, options }: World<S>,
  label: EdgeLabel,
): { action: string; args: NamedArgument[] } {
  const { action, args } = label;
  const names = options.parameterNames[action] ?? [];
  const text = (value: EdgeLabel['args'][number]): string =>
    graph.values.format(graph.values.intern(value));
  return { action, args: args.map((value, i) => ({ name: names[i] ?? '?', value: text(value) })) };
}

function place<S>(world: World<S>, session: Session<S> | undefined): Partial<FailureReport> {
  const [node] = session?.nodes ?? [];
  if (session === undefined || node === undefined) return {};
  const { enabled: _, ...where } = world.where.of(node, session.pathTo(node));
  const step = session.steps.length + 1;
  return { step, ...where, ...(world.whole && { enabled: enabled(world, session.nodes) }) };
}

/** The case with what was asked for at its end; of no use where the graph is that of one trace. */
function failing<S>(
  world: World<S>,
  where: Partial<FailureReport>,
  { edge, label }: Rejection,
): Partial<FailureReport> {
  if (!world.whole) {
    const { failing: _, ...rest } = where;
    return rest;
  }
  const probe = label === undefined ? -1 : world.graph.labels.indexOf(label);
  if (edge !== undefined) return asking(where, { edge });
  return probe < 0 ? where : asking(where, { probe });
}

function enabled<S>(world: World<S>, nodes: readonly number[]): string[] {
  const { graph } = world;
  const labels = new Set(edgesOf(world, nodes, undefined).map((edge) => graph.edgeLabel[edge]!));
  return [...labels].map((label) => labelText(graph, label));
}

type Compared = Pick<FailureReport, 'differences' | 'comparedWith' | 'alike'>;

function compared<S>(
  world: World<S>,
  session: Session<S> | undefined,
  { kind, label, rows = [], expected }: Rejection,
): Compared {
  const { where, graph } = world;
  if (expected !== undefined) {
    const target = where.row(expected);
    const near = rows[where.nearest(target, rows)];
    const code = near ?? session?.row;
    if (code === undefined) return { differences: [] };
    const side = near === undefined ? 'the state before the step' : 'the nearest of what it shows';
    return {
      differences: where.differences(code, target),
      comparedWith:
        kind === 'init'
          ? 'the initial state that was asked for'
          : `the model's successor; the code side is ${side}`,
    };
  }
  const [row] = rows;
  if (row === undefined || session === undefined) return { differences: [] };
  const number = label === undefined ? -1 : graph.labels.indexOf(label);
  const same = number < 0 ? [] : edgesOf(world, session.nodes, number);
  const successors = same.map((edge) => where.row(graph.edgeTarget[edge]!));
  const near = successors[where.nearest(row, successors)];
  return {
    differences: where.differences(row, near ?? session.row),
    comparedWith:
      near === undefined ? 'the state before the step' : 'the nearest of its successors',
    alike: alike(world, session, row).filter(
      (name) => label === undefined || name !== callText(graph, label),
    ),
  };
}

/** Steps of the model that lead to the very state the code showed. */
function alike<S>(world: World<S>, session: Session<S>, row: Int32Array): string[] {
  const { graph } = world;
  const edges = edgesOf(world, session.nodes, undefined);
  const leading = edges.filter((edge) => world.shows(row, graph.edgeTarget[edge]!));
  return [...new Set(leading.map((edge) => labelText(graph, graph.edgeLabel[edge]!)))];
}
