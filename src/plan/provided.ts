import type { Plan, StepId } from '../model/plan.ts';
import type { Found } from '../model/runtime.ts';
import type { Service, Stack } from '../model/stack.ts';
import { inDependencyOrder } from './order.ts';
import { createStepList, type StepList } from './steps.ts';

/**
 * What programs of this machine have to do for a stack: provide the services they stand for, and have models ready. What
 * they tell becomes part of the environment of services, so it has to be known before anything can be decided.
 */
export function planProvided(stack: Stack): Plan {
  const list = createStepList();
  const steps = new Map<string, StepId>();
  for (const service of inDependencyOrder(stack.services)) {
    const { provider, depends_on = {} } = stack.services[service] ?? {};
    if (provider === undefined) continue;
    const after = Object.keys(depends_on).map((other) => steps.get(other));
    const action = { kind: 'provide-service', service, provider } as const;
    steps.set(service, list.add(action, 'a program stands for it', `services.${service}.provider`, after));
  }
  for (const key of modelsInUse(stack)) {
    const model = stack.models[key];
    if (model !== undefined)
      list.add({ kind: 'prepare-model', key, model }, 'a service uses it', `models.${key}`);
  }
  return { stack: { name: stack.name, directory: stack.directory }, steps: list.steps, warnings: [] };
}

/** The programs take away what they provided, those of dependants first; each after all that used it. */
export function addWithdrawals(
  list: StepList,
  stack: Stack | undefined,
  named: readonly string[],
  removed: readonly StepId[],
): void {
  const services = stack?.services ?? {};
  const steps = new Map<string, StepId>();
  for (const service of inDependencyOrder(services).toReversed()) {
    const provider = services[service]?.provider;
    if (provider === undefined || (named.length > 0 && !named.includes(service))) continue;
    const dependants = [...steps.keys()].filter(
      (name) => services[name]?.depends_on?.[service] !== undefined,
    );
    const action = { kind: 'withdraw-service', service, provider } as const;
    const after = [...removed, ...dependants.map((name) => steps.get(name))];
    steps.set(service, list.add(action, 'the stack goes down', `services.${service}.provider`, after));
  }
}

/** The services whose environment is only known once programs have told their part of it. */
export function dependantsOfPrograms(stack: Stack): ReadonlySet<string> {
  const waiting = Object.entries(stack.services).filter(
    ([, { models = {}, depends_on = {} }]) =>
      Object.keys(models).length > 0 ||
      Object.keys(depends_on).some((name) => stack.services[name]?.provider !== undefined),
  );
  return new Set(waiting.map(([name]) => name));
}

/**
 * The stack with what programs have told in the environment of its services, as Docker Compose has it there: above what the
 * file says, and part of the hash.
 */
export function withProvided(stack: Stack, found: readonly Found[]): Stack {
  if (found.length === 0) return stack;
  const services = Object.entries(stack.services).map(([name, service]): [string, Service] => {
    const environment = {
      ...service.environment,
      ...Object.assign({}, ...found.map((one) => variablesFor(service, one, stack))),
    };
    return [name, Object.keys(environment).length === 0 ? service : { ...service, environment }];
  });
  return { ...stack, services: Object.fromEntries(services) };
}

function variablesFor(service: Service, found: Found, stack: Stack): Readonly<Record<string, string>> {
  if (found.kind === 'variables')
    return service.depends_on?.[found.service] === undefined ? {} : found.variables;
  const { model: key, url } = found;
  if (!Object.hasOwn(service.models ?? {}, key)) return {};
  const prefix = key.toUpperCase().replaceAll('-', '_');
  const { endpoint_var = `${prefix}_URL`, model_var = `${prefix}_MODEL` } = service.models?.[key] ?? {};
  return { [model_var]: stack.models[key]?.model ?? '', [endpoint_var]: url };
}

function modelsInUse({ services }: Stack): ReadonlySet<string> {
  return new Set(Object.values(services).flatMap(({ models }) => Object.keys(models ?? {})));
}
