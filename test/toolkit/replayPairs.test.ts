/** Replay of code whose state holds more than the model's: bugs that depend on the path. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../conformance/replay/binding.ts';
import { replayGraph } from '../../conformance/replay/driver.ts';
import { graphOf, labelsOf } from '../../bench/modelGraph.ts';

/** A light with two switches: the model knows whether it is on, the code also who switched last. */
const graph = graphOf({
  initial: [{ on: false }],
  labels: labelsOf('Press', ['left', 'right']),
  next: (state) => [{ on: state['on'] !== true }],
});

interface Light {
  readonly on: boolean;
  readonly last: string;
  readonly presses?: number;
}

/** Two presses of one switch in a row do nothing: `last` is what the code must not look at. */
const stuck: Binding<Light> = {
  name: 'light',
  spec: 'Light.tla',
  init: () => ({ on: false, last: 'left' }),
  view: ({ on }) => ({ on }),
  actions: {
    Press: (s, { side }: { side: string }) =>
      s.last === side && s.on && side === 'right' ? undefined : { on: !s.on, last: side },
  },
};
const right: Binding<Light> = {
  ...stuck,
  actions: { Press: (s, { side }: { side: string }) => ({ on: !s.on, last: side }) },
};
const options = { constants: {}, parameterNames: { Press: ['side'] }, boundedLeaves: false };

describe('pairs of a model state and a code state', () => {
  it('find a bug that depends on the path, which one code state a node does not show', () => {
    const decode = ({ on }: { on: boolean }) => ({ on, last: 'left' });
    expect(replayGraph(graph, { ...stuck, decode }, options).verdict).toBe('ok');
    const found = replayGraph(graph, stuck, options);
    expect(found.failureCounts).toEqual([{ kind: 'missing', action: 'Press', count: 1 }]);
    expect(found.failures[0]?.path?.map(({ label }) => label)).toEqual(['Press("right")']);
    expect(found.replayed).toBe(found.edges);
  });

  it('are each explored once, for right code', () => {
    const result = replayGraph(graph, right, options);
    expect(result).toMatchObject({ verdict: 'ok', nodes: 2, edges: 4, replayed: 4, pairs: 4 });
  });

  it('give no verdict where there are more of them than may be explored', () => {
    const counting: Binding<Light> = {
      ...right,
      actions: {
        Press: (s, { side }: { side: string }) => ({
          on: !s.on,
          last: side,
          presses: (s.presses ?? 0) + 1,
        }),
      },
    };
    const result = replayGraph(graph, counting, { ...options, pairsMax: 100 });
    expect(result).toMatchObject({ verdict: 'unknown', pairs: 100 });
    expect(result.reason).toContain('100 pairs');
    const keyed = { ...counting, key: ({ on, last }: Light) => `${on} ${last}` };
    expect(replayGraph(graph, keyed, { ...options, pairsMax: 100 }).verdict).toBe('ok');
  });

  it('need a key where the code state cannot be serialized', () => {
    const odd: Binding<Light & { f: () => void }> = {
      ...(right as unknown as Binding<Light & { f: () => void }>),
      init: () => ({ on: false, last: 'left', f: () => undefined }),
    };
    expect(replayGraph(graph, odd, options).failures[0]?.summary).toContain(
      'give the binding a `key`',
    );
  });

  it('show the choices on the way to a failure', () => {
    const chooses: Binding<Light> = {
      ...stuck,
      choices: { Press: () => ['firm'] },
      actions: {
        Press: (s, { side }: { side: string }, how: string) =>
          how === 'firm' && s.last === 'right' && s.on && side === 'right'
            ? undefined
            : { on: !s.on, last: side },
      },
    };
    expect(replayGraph(graph, chooses, options).failures[0]?.path?.[0]?.choice).toBe('"firm"');
  });
});
