import { type BlkioConfig, type DeviceRequest, isNamedDevice, type Service } from '../model/stack.ts';
import { withoutEmpty } from './body.ts';

/**
 * What a container may use of the machine: the part of the engine's `HostConfig` about limits, devices and namespaces.
 * The limits of `deploy` count before those of the service itself.
 */
export function resourcesOf(service: Service): Record<string, unknown> {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const cpus = limits?.cpus ?? service.cpus;
  return {
    CpuCount: service.cpu_count,
    // The engine counts in hundredths of a percent.
    CpuPercent: service.cpu_percent === undefined ? undefined : service.cpu_percent * 100,
    CpuShares: service.cpu_shares,
    CpuQuota: service.cpu_quota,
    CpuPeriod: service.cpu_period,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpusetCpus: service.cpuset,
    NanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    Memory: limits?.memory ?? service.mem_limit,
    MemoryReservation: reservations?.memory ?? service.mem_reservation,
    MemorySwap: service.memswap_limit,
    MemorySwappiness: service.mem_swappiness,
    PidsLimit: (limits?.pids ?? service.pids_limit) || undefined,
    OomKillDisable: service.oom_kill_disable,
    OomScoreAdj: service.oom_score_adj,
    ShmSize: service.shm_size,
    StorageOpt: service.storage_opt,
    Ulimits: ulimitsOf(service.ulimits),
    ...blkioOf(service.blkio_config),
    Devices: devicesOf(service),
    DeviceCgroupRules: service.device_cgroup_rules,
    DeviceRequests: deviceRequestsOf(service),
    CgroupnsMode: service.cgroup,
    CgroupParent: service.cgroup_parent,
    IpcMode: service.ipc,
    PidMode: service.pid,
    UTSMode: service.uts,
    UsernsMode: service.userns_mode,
    Isolation: service.isolation,
    Runtime: service.runtime,
  };
}

/** Limits of processes as the engine takes them. */
export function ulimitsOf(ulimits: Service['ulimits']): readonly object[] {
  return Object.entries(ulimits ?? {}).map(([Name, limit]) =>
    typeof limit === 'number'
      ? { Name, Soft: limit, Hard: limit }
      : { Name, Soft: limit.soft, Hard: limit.hard },
  );
}

function blkioOf(blkio: BlkioConfig | undefined): Record<string, unknown> {
  const rates = (list: BlkioConfig['device_read_bps']) =>
    list?.map(({ path, rate }) => ({ Path: path, Rate: Number(rate) }));
  return {
    BlkioWeight: blkio?.weight,
    BlkioWeightDevice: blkio?.weight_device?.map(({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: rates(blkio?.device_read_bps),
    BlkioDeviceReadIOps: rates(blkio?.device_read_iops),
    BlkioDeviceWriteBps: rates(blkio?.device_write_bps),
    BlkioDeviceWriteIOps: rates(blkio?.device_write_iops),
  };
}

function devicesOf({ devices = [] }: Service): readonly object[] {
  return devices
    .filter(({ source }) => !isNamedDevice(source))
    .map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target ?? source,
      CgroupPermissions: permissions ?? 'rwm',
    }));
}

function deviceRequestsOf({ devices = [], gpus = [], deploy }: Service): readonly object[] {
  const named = devices.filter(({ source }) => isNamedDevice(source)).map(({ source }) => source);
  return [
    ...(deploy?.resources?.reservations?.devices ?? []).map((request) => deviceRequest(request, [])),
    ...gpus.map((request) => deviceRequest(request, ['gpu'])),
    ...(named.length === 0 ? [] : [{ Driver: 'cdi', DeviceIDs: named }]),
  ];
}

function deviceRequest(request: DeviceRequest, also: readonly string[]): object {
  return withoutEmpty({
    Driver: request.driver,
    Count: request.count,
    DeviceIDs: request.device_ids,
    Capabilities: [[...(request.capabilities ?? []), ...also]],
    Options: request.options,
  });
}
