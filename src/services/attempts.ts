/**
 * What came of an operation at each node it was tried at, for who asked: where nobody served it, the
 * error names every address and why. What must hold: nothing is noted of an operation that succeeds
 * at once.
 */
import type { Answer, NodeLink } from './nodeLink.ts';
import type { Request } from './requestCodec.ts';

type Failed = Exclude<Answer, string>['status'] | Extract<Answer, string>;

/** The status of an answer, or that none came. */
export const outcomeOf = (answer: Answer): Failed =>
  typeof answer === 'string' ? answer : answer.status;

export class Attempts {
  readonly #links: readonly NodeLink[];
  readonly #group: Request['group'];
  readonly #outcomes = new Map<NodeLink, { readonly outcome: Failed; readonly why: string }>();

  constructor(links: readonly NodeLink[], group: number) {
    this.#links = links;
    this.#group = group;
  }

  note(link: NodeLink, answer: Answer): void {
    const outcome = outcomeOf(answer);
    this.#outcomes.set(link, { outcome, why: this.#why(link, outcome) });
  }

  #why(link: NodeLink, outcome: Failed): string {
    if (outcome === 'refused') return `is of region '${link.otherRegion ?? ''}'`;
    if (outcome === 'noGroup') return `holds no replica of group ${this.#group}`;
    if (outcome === 'notLeader') return 'does not lead its group, and names nobody who does';
    if (outcome === 'busy') return 'is busy';
    return link.trouble;
  }

  /** The other region that the nodes are of: all were tried, and none is of this one. */
  get otherRegion(): string | undefined {
    const all = [...this.#outcomes];
    const foreign = all.find(([, { outcome }]) => outcome === 'refused');
    if (foreign === undefined || all.length < this.#links.length) return undefined;
    const none = all.every(([, { outcome }]) => outcome === 'refused' || outcome === 'unsent');
    return none ? foreign[0].otherRegion : undefined;
  }

  /** Every address, with what it answered last. */
  get text(): string {
    const each = this.#links.map((link) => {
      const { host, port } = link.address;
      const why = this.#outcomes.get(link)?.why ?? 'was not tried';
      return `${link.id} at ${host}:${port}: ${why}`;
    });
    return each.join('; ');
  }

  /** No node has ever answered anything: whatever is there may be something else. */
  get isSilent(): boolean {
    const silent: readonly Failed[] = ['unsent', 'unanswered'];
    return [...this.#outcomes.values()].every(({ outcome }) => silent.includes(outcome));
  }
}
