/** The counterexample of a result, as text. */
import { behaviourText } from '../report/behaviourText.ts';
import type { TlcKind, TlcTraceStep, TlcVerdict } from '../tlc/result.ts';
import { shownBehaviour } from '../report/shownBehaviour.ts';

/** What reports of TLC's runs have in common. */
interface Said {
  readonly verdict: TlcVerdict;
  readonly kind: string | null;
  readonly property: string | null;
  readonly message: string | null;
  readonly lasso: 'stuttering' | number | null;
  readonly back?: Pick<Step, 'action' | 'args'> | null | undefined;
}

interface Step {
  readonly action: string;
  readonly args?: readonly string[] | undefined;
  readonly state: Readonly<Record<string, string>>;
}

export function behaviourOf(said: Said, trace: readonly Step[]): string {
  const { verdict, kind, property, message, lasso, back } = said;
  const steps = trace.map(({ action, args, state }, index): TlcTraceStep => {
    // Reports call the initial state by a name of their own.
    const named = index === 0 && action === 'Init' ? {} : { action };
    return { ...named, ...(args === undefined ? {} : { args }), state };
  });
  return behaviourText(
    shownBehaviour({
      verdict,
      ...(kind === null ? {} : { kind: kind as TlcKind }),
      ...(property === null ? {} : { property }),
      ...(message === null ? {} : { message }),
      ...(lasso === null ? {} : { lasso }),
      ...(back ? { back: withoutState(back) } : {}),
      trace: steps,
    }),
  );
}

function withoutState({
  action,
  args,
}: Pick<Step, 'action' | 'args'>): Pick<TlcTraceStep, 'action' | 'args'> {
  return { action, ...(args === undefined ? {} : { args }) };
}
