import { groupBy } from '../../model/groups.ts';
import { didYouMean } from '../../model/nearest.ts';
import { joinPath, type Port, type Service } from '../../model/stack.ts';
import { extrasOf } from '../../model/x-stack.ts';
import type { Parts } from '../normal/normalize.ts';
import { isImageName } from '../tables/image.ts';
import { type CheckContext, related, serviceOf, tell } from './context.ts';

/** Tells what Docker Compose accepts in the services that are on, and people regret when the stack runs. */
export function tellRegrets(parts: Parts, context: CheckContext): void {
  const published: Published[] = [];
  for (const name of context.enabled) {
    const service = serviceOf(parts, name);
    if (service === undefined) continue;
    tellImage(service, name, context);
    tellIdleKeys(service, name, context);
    tellGlobal(service, name, context);
    tellIdleOwners(service, name, parts, context);
    tellRestart(service, name, context);
    tellStartInterval(service, name, context);
    tellNeverHealthy(service, name, parts, context);
    tellUselessPorts(service, name, context);
    tellSharedPort(service, name, context);
    tellAddedPorts(service, name, context);
    published.push(...publishedBy(service, name));
  }
  tellTakenPorts(published, context);
}

function tellImage({ image }: Service, name: string, context: CheckContext): void {
  if (image === undefined || isImageName(image)) return;
  tell(context, `${joinPath('services', name)}.image`, {
    code: 'invalid-value',
    severity: 'warning',
    message: `\`${image}\` is no image name: the engine refuses it`,
    hint: 'use lower-case letters, digits, `.`, `_`, `-` and `/`, then `:TAG` or `@DIGEST`',
  });
}

/** Keys that look as if they did something, by their path below the service. */
const idleKeys: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  'deploy.labels': {
    message: 'labels below `deploy` are not put on containers',
    hint: 'move them to `labels` of the service',
  },
  'deploy.restart_policy.delay': {
    message: '`delay` has no effect: the engine has its own time between restarts',
    hint: 'remove it',
  },
  'deploy.restart_policy.window': {
    message: '`window` has no effect: the engine has its own idea of a start that worked',
    hint: 'remove it',
  },
  'deploy.resources.reservations.cpus': {
    message: '`cpus` has no effect here: the engine cannot reserve them',
    hint: 'give them below `limits`, or weigh services against each other with `cpu_shares`',
  },
};

function tellIdleKeys(service: Service, name: string, context: CheckContext): void {
  if (service.deploy === undefined) return;
  for (const [key, words] of Object.entries(idleKeys)) {
    const path = `${joinPath('services', name)}.${key}`;
    // What is wrong has no value, and was written all the same.
    if (valueAt(service, key.split('.')) === undefined && !context.spoiled(path)) continue;
    if (!Object.hasOwn(context.origins, path)) continue;
    tell(context, path, { code: 'no-effect', severity: 'warning', ...words });
  }
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) found = (found as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  return found;
}

function tellGlobal({ deploy }: Service, name: string, context: CheckContext): void {
  if (deploy?.mode !== 'global' && deploy?.mode !== 'global-job') return;
  tell(context, `${joinPath('services', name)}.deploy.mode`, {
    code: 'no-effect',
    severity: 'warning',
    message: `\`mode: ${deploy.mode}\` has no effect: there is one engine, and so one container`,
    hint: 'say with `replicas` how many there are to be',
  });
}

/** Files of this machine are mounted as they are. */
function tellIdleOwners(service: Service, name: string, parts: Parts, context: CheckContext): void {
  for (const section of ['configs', 'secrets'] as const) {
    for (const [index, reference] of (service[section] ?? []).entries()) {
      const used = parts[section][reference.source];
      if (used?.file === undefined) continue;
      const key = (['uid', 'gid', 'mode'] as const).find((one) => reference[one] !== undefined);
      if (key === undefined) continue;
      tell(context, `${joinPath('services', name)}.${section}[${index}].${key}`, {
        code: 'no-effect',
        severity: 'warning',
        message: `\`${key}\` has no effect: the file keeps its owner and its permissions in the container`,
        hint: 'change those of the file',
        related: [related(context, 'the file', `${joinPath(section, reference.source)}.file`)],
      });
    }
  }
}

const restartPolicies = ['no', 'always', 'unless-stopped', 'on-failure'];

function tellRestart({ restart, deploy }: Service, name: string, context: CheckContext): void {
  if (!restart || deploy?.restart_policy !== undefined) return;
  if (restartPolicies.includes(restart.replace(/^on-failure:[0-9]+$/, 'on-failure'))) return;
  tell(context, `${joinPath('services', name)}.restart`, {
    code: 'invalid-value',
    severity: 'warning',
    message: `the engine knows no restart policy \`${restart}\``,
    hint: 'use no, always, unless-stopped, on-failure or on-failure:TIMES',
    ...didYouMean(restart, restartPolicies),
  });
}

function tellStartInterval({ healthcheck }: Service, name: string, context: CheckContext): void {
  if (healthcheck?.start_interval === undefined || healthcheck.start_period !== undefined) return;
  if (healthcheck.disable) return;
  tell(context, `${joinPath('services', name)}.healthcheck.start_interval`, {
    code: 'invalid-value',
    severity: 'warning',
    message: '`start_interval` needs a `start_period`: the engine refuses it alone',
    hint: 'say with `start_period` how long the service may take to start',
  });
}

function tellNeverHealthy(service: Service, name: string, parts: Parts, context: CheckContext): void {
  for (const [other, { condition, required }] of Object.entries(service.depends_on ?? {})) {
    const target = serviceOf(parts, other);
    if (target !== undefined && extrasOf(target).ready) continue;
    const { disable, test } = target?.healthcheck ?? {};
    const off = disable ? 'disable' : test?.[0] === 'NONE' ? 'test' : undefined;
    if (condition !== 'service_healthy' || !required || off === undefined) continue;
    tell(context, `${joinPath(`${joinPath('services', name)}.depends_on`, other)}`, {
      code: 'no-healthcheck',
      severity: 'warning',
      message: `\`${name}\` waits until \`${other}\` is healthy, but the healthcheck of \`${other}\` is turned off`,
      hint: 'wait for `service_started`, or give it a healthcheck',
      related: [related(context, 'turned off here', `${joinPath('services', other)}.healthcheck.${off}`)],
    });
  }
}

function tellUselessPorts({ network_mode, ports = [] }: Service, name: string, context: CheckContext): void {
  if (network_mode !== 'host' || ports.length === 0) return;
  const path = joinPath('services', name);
  tell(context, `${path}.ports`, {
    code: 'no-effect',
    severity: 'warning',
    message:
      '`ports` has no effect with `network_mode: host`: every port of the container is one of the host',
    hint: 'remove one of them',
    related: [related(context, 'the network of the host', `${path}.network_mode`)],
  });
}

function tellSharedPort(service: Service, name: string, context: CheckContext): void {
  const replicas = service.scale ?? service.deploy?.replicas ?? 1;
  const [fixed] = publishedBy(service, name);
  if (replicas < 2 || fixed === undefined) return;
  const path = joinPath('services', name);
  tell(context, fixed.path, {
    code: 'port-conflict',
    severity: 'warning',
    message: `only one of the ${replicas} containers of \`${name}\` can have port ${fixed.port.published} of this machine`,
    hint: 'publish a range as long as there are containers, or leave the port to the engine',
    related: [
      related(context, 'how many', `${path}.${service.scale === undefined ? 'deploy.replicas' : 'scale'}`),
    ],
  });
}

/** An override file that was to replace a port, and adds one. */
function tellAddedPorts({ ports = [] }: Service, name: string, context: CheckContext): void {
  if (new Set(ports.map(leadsTo)).size === ports.length) return;
  const path = `${joinPath('services', name)}.ports`;
  /** The first port of each file, by what it leads to. */
  const firsts = new Map<string, Map<string | undefined, number>>();
  for (const [index, port] of ports.entries()) {
    const { file } = context.origins[`${path}[${index}]`] ?? {};
    const key = leadsTo(port);
    const ofFiles = firsts.get(key) ?? new Map<string | undefined, number>();
    if (!ofFiles.has(file)) firsts.set(key, ofFiles.set(file, index));
    const [earlier] = ofFiles.values();
    const other = earlier === undefined || earlier === ofFiles.get(file) ? undefined : ports[earlier];
    if (other === undefined || port.published === undefined || isTaken(other, port)) continue;
    tell(context, `${path}[${index}]`, {
      code: 'port-conflict',
      severity: 'warning',
      message: `port ${port.target} of \`${name}\` is published twice, as files add ports to those of earlier files`,
      hint: 'write `ports: !override` to replace them',
      related: [related(context, 'the earlier one', `${path}[${earlier}]`)],
    });
  }
}

function leadsTo({ target, protocol }: Port): string {
  return `${target}/${protocol}`;
}

interface Published {
  readonly port: Port;
  readonly service: string;
  readonly path: string;
}

/** The ports of this machine that a service asks for. Of a range the engine takes a free one. */
function publishedBy({ network_mode, ports = [] }: Service, service: string): readonly Published[] {
  if (network_mode === 'host') return [];
  return ports.flatMap((port, index) => {
    const fixed = /^0*[1-9][0-9]*$/.test(port.published ?? '');
    return fixed ? [{ port, service, path: `${joinPath('services', service)}.ports[${index}]` }] : [];
  });
}

function tellTakenPorts(published: readonly Published[], context: CheckContext): void {
  const byNumber = groupBy(published, ({ port }) => `${Number(port.published)}/${port.protocol}`);
  for (const [number, rivals] of byNumber) {
    for (const [index, { port, service, path }] of rivals.entries()) {
      const owner = rivals.slice(0, index).find((other) => isTaken(other.port, port));
      if (owner === undefined) continue;
      const owners = owner.service === service ? `\`${service}\`` : `\`${owner.service}\` and \`${service}\``;
      tell(context, path, {
        code: 'port-conflict',
        severity: 'warning',
        message: `port ${number} of this machine is asked for twice, by ${owners}`,
        hint: 'publish one of them elsewhere',
        related: [related(context, 'the other one', owner.path)],
      });
      break;
    }
  }
}

function isTaken(one: Port, other: Port): boolean {
  if (one.published === undefined || Number(one.published) !== Number(other.published)) return false;
  return one.protocol === other.protocol && listensBoth(one.host_ip ?? '', other.host_ip ?? '');
}

/** True if two addresses cannot both be listened on: the same, or all and one of them. */
function listensBoth(one: string, other: string): boolean {
  const isAll = (address: string) => ['', '0.0.0.0', '::'].includes(address);
  if (one === other || one === '' || other === '') return true;
  return one.includes(':') === other.includes(':') && (isAll(one) || isAll(other));
}
