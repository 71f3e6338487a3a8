import type {
  BlkioConfig,
  Deploy,
  Device,
  DeviceRate,
  DeviceRequest,
  GenericResource,
  Limits,
  Placement,
  Reservations,
  Resources,
  RestartPolicy,
  UpdateConfig,
} from '../model/stack.ts';
import {
  bytes,
  fields,
  ifSet,
  type Json,
  listOf,
  map,
  mapOf,
  type Print,
  plain,
  whenSet,
} from './printing.ts';

/** One number where there is one, and without the limits that are 0. */
export const ulimits = mapOf((limit) => {
  if (typeof limit === 'number') return limit === 0 ? {} : limit;
  return bothLimits(limit as object, {});
});

const bothLimits = fields<{ soft: number; hard: number }>({ soft: plain, hard: plain });

/** Written even when nothing is in it. */
function always(print: (value: object, options: Parameters<Print>[1]) => Json): Print {
  return (value, options) => print((value as object | undefined) ?? {}, options);
}

const duration: Print = (value) => (value === '0s' ? undefined : (value as Json | undefined));

const number: Print = (value) => (typeof value === 'number' ? value : 0);

const text: Print = (value) => (typeof value === 'string' ? value : '');

/** In JSON the keys of these objects have no names of their own in Docker Compose, so they are those of its code. */
const rates = listOf(
  ifSet((value, { yaml }) => {
    const { path = '', rate = 0 } = value as DeviceRate;
    return yaml ? { path, rate: String(rate) } : { Path: path, Rate: String(rate) };
  }),
);

const weights = listOf(
  ifSet((value, { yaml }) => {
    const { path = '', weight = 0 } = value as { path?: string; weight?: number };
    return yaml ? { path, weight } : { Path: path, Weight: weight };
  }),
);

const blkio = fields<BlkioConfig>({
  weight: plain,
  weight_device: weights,
  device_read_bps: rates,
  device_read_iops: rates,
  device_write_bps: rates,
  device_write_iops: rates,
});

const deviceRequests = listOf(
  ifSet(
    fields<DeviceRequest>({
      capabilities: plain,
      driver: plain,
      count: plain,
      device_ids: plain,
      options: map,
    }),
  ),
);

const update = ifSet(
  fields<UpdateConfig>({
    parallelism: whenSet,
    delay: duration,
    failure_action: plain,
    monitor: duration,
    max_failure_ratio: plain,
    order: plain,
  }),
);

const genericResource = fields<GenericResource>({
  discrete_resource_spec: ifSet(
    fields<NonNullable<GenericResource['discrete_resource_spec']>>({ kind: text, value: number }),
  ),
});

const limits = fields<Limits>({ cpus: plain, memory: bytes, pids: plain });

const reservations = fields<Reservations>({
  cpus: plain,
  memory: bytes,
  devices: deviceRequests,
  generic_resources: listOf(ifSet(genericResource)),
});

const placement = fields<Placement>({
  constraints: plain,
  preferences: listOf(ifSet(fields<NonNullable<Placement['preferences']>[number]>({ spread: plain }))),
  max_replicas_per_node: plain,
});

const deploy = fields<Deploy>({
  mode: plain,
  replicas: whenSet,
  labels: map,
  update_config: update,
  rollback_config: update,
  resources: always(fields<Resources>({ limits: ifSet(limits), reservations: ifSet(reservations) })),
  restart_policy: ifSet(
    fields<RestartPolicy>({ condition: plain, delay: whenSet, max_attempts: whenSet, window: whenSet }),
  ),
  placement: always(placement),
  endpoint_mode: plain,
});

/** How the attributes about the use of the machine are printed. */
export const resources = {
  blkio: ifSet(blkio),
  deploy: ifSet(deploy),
  devices: listOf(ifSet(fields<Device>({ source: plain, target: plain, permissions: plain }))),
  deviceRequests,
} satisfies Readonly<Record<string, Print>>;
