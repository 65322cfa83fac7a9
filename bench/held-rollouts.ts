import { BlueGreen, type Rollout } from '../src/index.js';
import type { RolloutStore } from '../src/ports/rollout-store.js';
import { SimulatedCloud, SimulatedClock } from '../src/testing/index.js';

const GATE = 'qa';
const WAIT_MINUTES = 600;

/** Rollouts that wait for an answer, with the simulated time of all of them standing still. */
export interface HeldRollouts extends AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly clouds: readonly SimulatedCloud[];
  readonly rollouts: readonly Rollout[];
  /** Stops driving them; the clouds stay. */
  suspend(): Promise<void>;
  /** Lets so much simulated time pass, and stands still again. */
  pass(ms: number): Promise<void>;
}

/** A cloud that keeps a release in Ready for hours: its users hardly ask, because it is not they who are measured. */
function patientCloud(clock: SimulatedClock): SimulatedCloud {
  return new SimulatedCloud({
    clock,
    blue: 1,
    requestsPerSecond: 0.01,
    deploymentGroup: { readyWaitMinutes: WAIT_MINUTES },
  });
}

/** So many rollouts at once, each with a cloud and clients of its own, at a gate before traffic. */
export async function holdRollouts(
  count: number,
  /** One for each: they all release onto the same shop, in clouds that know nothing of one another. */
  storeOf: (index: number) => RolloutStore,
  onClouds: () => void = () => {},
): Promise<HeldRollouts> {
  const clock = new SimulatedClock();
  let goOn = clock.hold();
  const clouds = Array.from({ length: count }, () => patientCloud(clock));
  onClouds();
  let arrived = 0;
  let allArrived = (): void => {};
  const waiting = new Promise<void>((resolve) => (allArrived = resolve));
  const drivers = clouds.map((cloud, index) => {
    return new BlueGreen({
      ...cloud.options(),
      store: storeOf(index),
      onEvent: ({ name, data }) => {
        if (name !== 'step:run:started' || (data as { readonly step: string }).step !== `gate/${GATE}`) return;
        arrived += 1;
        if (arrived < count) return;
        goOn = clock.hold();
        allArrived();
      },
    });
  });
  const rollouts = await Promise.all(
    drivers.map((driver, index) => {
      const gates = [
        { name: GATE, before: 'PRE_PRODUCTION_TRAFFIC_SHIFT' as const, expiresIn: `${WAIT_MINUTES - 60}m` as const },
      ];
      return driver.start(clouds[index]!.spec({ gates }), { id: `held-${index}` });
    }),
  );
  goOn();
  await waiting;
  const suspend = async (): Promise<void> => {
    await Promise.all(drivers.map((driver) => driver.close()));
  };
  return {
    clock,
    clouds,
    rollouts,
    suspend,
    pass: (ms) =>
      new Promise((resolve) => {
        clock.schedule(ms, () => {
          goOn = clock.hold();
          resolve();
        });
        goOn();
      }),
    [Symbol.asyncDispose]: async () => {
      await suspend();
      await Promise.all(clouds.map((cloud) => cloud.close()));
    },
  };
}
