import { joinPath, type Service } from '../../model/stack.ts';
import { type CheckContext, related, tell } from './context.ts';

/** Checks that what a service says about its use of the machine agrees with its `deploy`. */
export function checkResources(service: Service, name: string, context: CheckContext): void {
  const path = joinPath('services', name);
  const { replicas, resources: { limits, reservations } = {} } = service.deploy ?? {};
  const pairs = [
    {
      key: 'scale',
      value: service.scale,
      other: 'deploy.replicas',
      has: replicas,
      counts: replicas !== undefined,
    },
    {
      key: 'cpus',
      value: service.cpus,
      other: 'deploy.resources.limits.cpus',
      has: limits?.cpus,
      counts: limits,
    },
    {
      key: 'mem_limit',
      value: service.mem_limit,
      other: 'deploy.resources.limits.memory',
      has: limits?.memory,
      counts: limits,
    },
    {
      key: 'pids_limit',
      value: service.pids_limit,
      other: 'deploy.resources.limits.pids',
      has: limits?.pids,
      counts: limits,
    },
    {
      key: 'mem_reservation',
      value: service.mem_reservation,
      other: 'deploy.resources.reservations.memory',
      has: reservations?.memory,
      counts: reservations,
    },
  ];
  for (const { key, value, other, has, counts } of pairs) {
    if (!counts || value === undefined || value === has || (value === 0 && key !== 'scale')) continue;
    if (context.spoiled(`${path}.${key}`) || context.spoiled(`${path}.deploy`)) continue;
    tell(context, `${path}.${key}`, {
      code: 'conflicting-keys',
      message:
        has === undefined
          ? `the service \`${name}\` has \`${key}\`, but its \`${other.slice(0, other.lastIndexOf('.'))}\` does not say the same`
          : `\`${key}\` and \`${other}\` of the service \`${name}\` are not the same`,
      hint: has === undefined ? `add \`${other}\`, or remove \`${key}\`` : `remove one of them`,
      related: [related(context, 'the other place', `${path}.${other}`)],
    });
  }
  checkFixedName(service, path, context);
  checkTwins(service, path, context);
}

/** Several containers cannot have one name. */
function checkFixedName(service: Service, path: string, context: CheckContext): void {
  const count = service.scale ?? service.deploy?.replicas ?? 1;
  if (service.container_name === undefined || count < 2) return;
  const counted = service.scale === undefined ? 'deploy.replicas' : 'scale';
  tell(context, `${path}.container_name`, {
    code: 'conflicting-keys',
    message: `${count} containers cannot have the same name \`${service.container_name}\``,
    hint: 'remove `container_name`, or have one container',
    related: [related(context, 'how many there are', `${path}.${counted}`)],
  });
}

/** Lists whose items must differ; those of several files are appended. */
function checkTwins(service: Service, path: string, context: CheckContext): void {
  for (const key of ['security_opt', 'device_cgroup_rules', 'external_links', 'volumes_from'] as const) {
    const first = new Map<string, number>();
    for (const [index, item] of (service[key] ?? []).entries()) {
      const other = first.get(item);
      if (other === undefined) {
        first.set(item, index);
        continue;
      }
      tell(context, `${path}.${key}[${index}]`, {
        code: 'invalid-value',
        message: `\`${item}\` is there twice in \`${path}.${key}\``,
        hint: 'remove one of them',
        related: [related(context, 'first here', `${path}.${key}[${other}]`)],
      });
    }
  }
}
