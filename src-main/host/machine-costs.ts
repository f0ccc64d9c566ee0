import type { CostModel } from '../../src-shared/core/estimate/index.ts';
import type { Clock } from '../engine/stage-timer.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { loadCosts, networkKey, saveCosts } from '../jobs/machine-costs.ts';
import type { Ort } from '../ort/index.ts';
import { measureNetwork, measurePictureFactor } from './measure-costs.ts';

export interface MachineCosts {
  /** What is known of this machine; undefined where it, or the network that is asked for, has not been measured. */
  loadCosts(withNetwork: boolean): Promise<CostModel | undefined>;
  /** Measures what is not known, and keeps it. */
  measureCosts(withNetwork: boolean): Promise<CostModel>;
  /** Keeps costs that were refined. */
  keepCosts(costs: CostModel): Promise<void>;
}

/** The costs of one model on this machine, kept under `home`. */
export function machineCosts(input: {
  readonly home: string;
  readonly sessions: Ort;
  readonly model: ModelFolder;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}): MachineCosts {
  const { home, sessions, model, clock, signal, onNote } = input;
  const keyFor = async (withNetwork: boolean): Promise<string | undefined> => {
    if (!withNetwork) return undefined;
    const usable = (await sessions.describeProviders()).find((report) => report.usable);
    return networkKey(model.fingerprint, usable?.provider ?? 'cpu');
  };
  return {
    async loadCosts(withNetwork) {
      const known = await loadCosts(home, await keyFor(withNetwork));
      return withNetwork && known?.network === undefined ? undefined : known;
    },
    async measureCosts(withNetwork) {
      const key = await keyFor(withNetwork);
      const known = await loadCosts(home, key);
      if (withNetwork) onNote('Measuring how fast this machine is, once for each model …');
      const costs: CostModel = {
        pictureFactor: known?.pictureFactor ?? measurePictureFactor(clock),
        ...(withNetwork ? { network: await measureNetwork(model, sessions, clock, signal) } : {}),
        votes: known?.votes ?? {},
        seenKinds: known?.seenKinds ?? {},
      };
      await saveCosts(home, key, costs);
      return costs;
    },
    keepCosts: async (costs) => saveCosts(home, await keyFor(costs.network !== undefined), costs),
  };
}
