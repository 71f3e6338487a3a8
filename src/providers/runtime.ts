import type { Runtime } from '../model/runtime.ts';
import type { Variables } from './find.ts';
import { prepareModel } from './model.ts';
import { provide } from './provide.ts';

/**
 * The runtime with the programs of this machine that stand for services and models. They get the variables given, and
 * below these those of the project.
 */
export function withProviders(runtime: Runtime, given: Variables): Runtime {
  return {
    ...runtime,
    perform(action, context) {
      const variables = Object.fromEntries(context.variables ?? []);
      const env = { ...variables, ...given, COMPOSE_PROJECT_NAME: context.project };
      switch (action.kind) {
        case 'provide-service':
        case 'withdraw-service':
          return provide(action, context, env);
        case 'prepare-model':
          return prepareModel(action, context, env);
        default:
          return runtime.perform(action, context);
      }
    },
  };
}
