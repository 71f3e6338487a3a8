import type { AwaitCondition } from '../model/plan.ts';
import type { Service } from '../model/stack.ts';
import { readyCheckOf } from '../model/x-stack.ts';

/** By what it is found out that a service is healthy, if its file says that beside a healthcheck. */
export function readyOf(service: Service | undefined): Pick<AwaitCondition, 'ready'> {
  const ready = service === undefined ? undefined : readyCheckOf(service);
  return ready === undefined ? {} : { ready };
}
