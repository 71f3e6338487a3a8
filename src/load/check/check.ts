import { didYouMean } from '../../model/nearest.ts';
import { joinPath, type Service, type Volume } from '../../model/stack.ts';
import type { Parts } from '../normal/normalize.ts';
import { checkBuild } from './build.ts';
import { type CheckContext, related, serviceOf, tell } from './context.ts';
import { checkReferences, checkSources } from './objects.ts';
import { checkResources } from './resources.ts';

/** Checks what only shows when the parts of a stack are seen together. */
export function checkStack(parts: Parts, context: CheckContext): void {
  for (const name of context.enabled) {
    const service = serviceOf(parts, name);
    if (service === undefined) continue;
    checkImage(service, name, context);
    checkNetworks(service, name, parts, context);
    checkMounts(service, name, parts, context);
    checkReferences(service, name, parts, context);
    checkBuild(service, name, parts, context);
    checkResources(service, name, context);
    checkWatchRules(service, name, context);
    checkDependencies(service, name, parts, context);
  }
  checkContainerNames(parts, context);
  for (const [key, volume] of Object.entries(parts.volumes))
    checkExternal(volume, joinPath('volumes', key), context);
  checkSources(parts, context);
  checkCycles(parts, context);
}

function checkImage(service: Service, name: string, context: CheckContext): void {
  const path = joinPath('services', name);
  const image = `${path}.image`;
  if (service.provider !== undefined) return;
  if (service.image || service.build !== undefined) return;
  if (Object.hasOwn(context.origins, image)) {
    if (!context.spoiled(image)) tell(context, image, { code: 'invalid-value', message: 'image is empty' });
  } else if (!context.spoiled(path)) {
    tell(context, path, {
      code: 'invalid-value',
      message: `the service \`${name}\` has neither \`image\` nor \`build\``,
      hint: 'say what it runs with `image:`, or how it is built with `build:`',
    });
  }
}

function checkNetworks(service: Service, name: string, parts: Parts, context: CheckContext): void {
  const path = `${joinPath('services', name)}.networks`;
  if (service.network_mode && service.networks !== undefined) {
    tell(context, `${joinPath('services', name)}.network_mode`, {
      code: 'conflicting-keys',
      message: `the service \`${name}\` has both \`network_mode\` and \`networks\``,
      hint: 'remove one of them',
      related: [related(context, 'the other one', path)],
    });
  }
  for (const key of Object.keys(service.networks ?? {})) {
    // In the map that joins networks such a key is an extension to Docker Compose, which so cannot run the file.
    if (key.startsWith('x-')) {
      tell(context, joinPath(path, key), {
        code: 'invalid-value',
        message: `no service can join a network whose name begins with \`x-\`, such as \`${key}\``,
        hint: 'give it another key, and its name on the engine with `name:`',
      });
      continue;
    }
    if (Object.hasOwn(parts.networks, key) || context.spoiled('networks')) continue;
    tell(context, joinPath(path, key), {
      code: 'undefined-reference',
      message: `the network \`${key}\` is not defined`,
      hint: `add \`${key}\` to the top-level \`networks\``,
      ...didYouMean(key, Object.keys(parts.networks)),
    });
  }
}

function checkWatchRules(service: Service, name: string, context: CheckContext): void {
  for (const [index, { action, target }] of (service.develop?.watch ?? []).entries()) {
    const path = `${joinPath('services', name)}.develop.watch[${index}]`;
    if (target || action === 'rebuild' || action === 'restart' || context.spoiled(path)) continue;
    tell(context, path, {
      code: 'invalid-value',
      message: `\`${path}\` has no \`target\``,
      hint: `name the path inside the container, as \`${action}\` copies files`,
    });
  }
}

function checkMounts(service: Service, name: string, parts: Parts, context: CheckContext): void {
  const targets = new Map<string, string>();
  const mounted = (target: string, path: string) => {
    const other = targets.get(target);
    if (other === undefined) targets.set(target, path);
    else {
      tell(context, path, {
        code: 'conflicting-keys',
        message: `two mounts of the service \`${name}\` have the target \`${target}\``,
        hint: 'remove one of them',
        related: [related(context, 'the other one', other)],
      });
    }
  };
  for (const [index, entry] of (service.tmpfs ?? []).entries()) {
    mounted(entry.split(':', 1)[0] ?? entry, `${joinPath('services', name)}.tmpfs[${index}]`);
  }
  for (const [index, mount] of (service.volumes ?? []).entries()) {
    const path = `${joinPath('services', name)}.volumes[${index}]`;
    mounted(mount.target, path);
    if (mount.type !== 'volume' || !mount.source) continue;
    if (Object.hasOwn(parts.volumes, mount.source) || context.spoiled('volumes')) continue;
    tell(context, path, {
      code: 'undefined-reference',
      message: `the volume \`${mount.source}\` is not defined`,
      hint: `add \`${mount.source}\` to the top-level \`volumes\`, or write \`./${mount.source}\` for a folder`,
      ...didYouMean(mount.source, Object.keys(parts.volumes)),
    });
  }
}

function checkDependencies(service: Service, name: string, parts: Parts, context: CheckContext): void {
  for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
    const path = joinPath(`${joinPath('services', name)}.depends_on`, other);
    const target = serviceOf(parts, other);
    if (target === undefined) {
      if (context.spoiled(joinPath('services', other))) continue;
      tell(context, path, {
        code: 'undefined-reference',
        message: `the service \`${other}\`, which \`${name}\` depends on, is not defined`,
        ...didYouMean(
          other,
          Object.keys(parts.services).filter((known) => known !== name),
        ),
      });
    } else if (required && !context.enabled.has(other)) {
      const [profile = '*'] = target.profiles ?? [];
      tell(context, path, {
        code: 'undefined-reference',
        message: `the service \`${other}\`, which \`${name}\` depends on, is switched off by its profiles`,
        hint: `switch it on with --profile ${profile}`,
        related: [related(context, 'its profiles', `${joinPath('services', other)}.profiles`)],
      });
    }
  }
}

function checkContainerNames(parts: Parts, context: CheckContext): void {
  const owners = new Map<string, string>();
  for (const name of context.enabled) {
    if (!context.chosen.has(name)) continue;
    const containerName = serviceOf(parts, name)?.container_name;
    if (containerName === undefined) continue;
    const owner = owners.get(containerName);
    if (owner === undefined) {
      owners.set(containerName, name);
      continue;
    }
    tell(context, `${joinPath('services', name)}.container_name`, {
      code: 'conflicting-keys',
      message: `the services \`${owner}\` and \`${name}\` have the same container name \`${containerName}\``,
      hint: 'give each its own, or leave the names to stack',
      related: [
        related(context, `the name of \`${owner}\``, `${joinPath('services', owner)}.container_name`),
      ],
    });
  }
}

function checkExternal(volume: Volume, path: string, context: CheckContext): void {
  if (!volume.external) return;
  for (const key of ['driver', 'driver_opts', 'labels'] as const) {
    if (volume[key] === undefined) continue;
    tell(context, `${path}.${key}`, {
      code: 'conflicting-keys',
      message: `\`${path}\` is external, so \`${key}\` would have no effect`,
      hint: `remove \`${key}\` or \`external\``,
      related: [related(context, 'external', `${path}.external`)],
    });
  }
}

/** Tells each circle of services that are on once. Keeps its own trail: a chain can be longer than calls can be nested. */
function checkCycles(parts: Parts, context: CheckContext): void {
  const done = new Set<string>();
  const trail: { readonly name: string; readonly others: Iterator<string, undefined> }[] = [];
  const onTrail = new Set<string>();
  const enter = (name: string) => {
    if (done.has(name) || !context.enabled.has(name)) return;
    if (onTrail.has(name)) {
      const names = trail.map((step) => step.name);
      tellCycle([...names.slice(names.indexOf(name)), name], context);
      return;
    }
    const service = serviceOf(parts, name);
    trail.push({ name, others: Object.keys(service?.depends_on ?? {}).values() });
    onTrail.add(name);
  };
  for (const start of context.enabled) {
    enter(start);
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const { value: other } = step.others.next();
      if (other !== undefined) {
        enter(other);
        continue;
      }
      trail.pop();
      onTrail.delete(step.name);
      done.add(step.name);
    }
  }
}

function tellCycle(names: readonly string[], context: CheckContext): void {
  const edges = names.slice(1).map((other, index) => ({ from: names[index] ?? '', other }));
  const [first, ...rest] = edges;
  if (first === undefined) return;
  const path = (edge: { from: string; other: string }) =>
    joinPath(`${joinPath('services', edge.from)}.depends_on`, edge.other);
  tell(context, path(first), {
    code: 'dependency-cycle',
    message: `services depend on each other in a circle: ${names.join(' → ')}`,
    hint: 'remove one of these dependencies',
    related: rest.map((edge) =>
      related(context, `\`${edge.from}\` depends on \`${edge.other}\``, path(edge)),
    ),
  });
}
