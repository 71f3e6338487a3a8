import type { ObservedContainer, PublishedPort } from '../model/observed.ts';
import type { Surroundings } from '../model/runtime.ts';

/** A published port of a container that runs. */
export interface Published {
  readonly container: ObservedContainer;
  readonly port: PublishedPort;
}

/** All that can be asked, each once: engines tell IPv4 and IPv6 apart. */
export function publishedBy(containers: readonly ObservedContainer[]): readonly Published[] {
  return containers
    .filter(({ state, oneOff }) => state === 'running' && !oneOff)
    .flatMap((container) => {
      const ports = container.ports.filter(({ protocol, hostPort }) => protocol === 'tcp' && hostPort > 0);
      const byNumber = new Map(ports.toReversed().map((port) => [port.hostPort, port]));
      return [...byNumber.values()].map((port) => ({ container, port }));
    });
}

/**
 * Asks published ports until they answer, for as many milliseconds, and tells what they said: those that answer at once,
 * the others when it is over. Resolves with those; nothing is told of ports to which no way leads.
 */
export async function tellAnswers(
  published: readonly Published[],
  within: number,
  { runtime, emit }: Pick<Surroundings, 'runtime' | 'emit'>,
  signal: AbortSignal,
): Promise<readonly Published[]> {
  if (published.length === 0) return [];
  const until = AbortSignal.any([signal, AbortSignal.timeout(within)]);
  const silent = await Promise.all(
    published.map(async (one) => {
      const answer = await runtime.askPort(one.port, until);
      if (answer === undefined || signal.aborted) return [];
      const { service, number, id } = one.container;
      const { hostPort, containerPort } = one.port;
      emit({ type: 'port-asked', service, number, id, hostPort, containerPort, ...answer });
      return answer.answers ? [] : [one];
    }),
  );
  return silent.flat();
}
