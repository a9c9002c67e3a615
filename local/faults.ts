import type { Fault, Faults } from './contract.ts';

/** Faults planned through the control port; the first plan that matches a call and still has turns left decides. */
export type FaultPlan = Faults & {
  plan(faults: readonly Fault[]): void;
  clear(): void;
  /** What has not happened yet; `times` and `skip` as they now stand. */
  left(): Fault[];
};

type Planned = Fault & { times: number; skip: number };

/** `match` is looked for in the caller's role and in the body of the call. */
export function openFaults(): FaultPlan {
  let planned: Planned[] = [];
  return {
    plan: (faults) =>
      void planned.push(...faults.map((fault) => ({ ...fault, times: fault.times ?? 1, skip: fault.skip ?? 0 }))),
    clear: () => (planned = []),
    left: () => structuredClone(planned),
    next(service, action, body, caller) {
      const fault = planned.find((one) => applies(one, service, action, body, caller));
      if (!fault) return undefined;
      if (fault.skip > 0) {
        fault.skip -= 1;
        return undefined;
      }
      fault.times -= 1;
      if (fault.times <= 0) planned = planned.filter((one) => one !== fault);
      return fault.kind;
    },
  };
}

const applies = (fault: Planned, service: string, action: string, body: string, caller: string): boolean =>
  fault.service === service &&
  (fault.action === undefined || fault.action === action) &&
  (fault.match === undefined || caller.includes(fault.match) || body.includes(fault.match));
