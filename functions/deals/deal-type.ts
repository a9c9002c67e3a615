import * as z from 'zod';
import { Bilingual, settingKind } from '#functions/settings/setting.ts';
import type { Fault } from '#shared/errors.ts';

/** What a stage may ask of a deal before it is entered. */
const Requirement = z.enum(['lines', 'expectedOn', 'nextStep', 'lostReason']);

export const Stage = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: Bilingual,
  /** What the stage means for reports; its name may be anything. */
  kind: z.enum(['open', 'won', 'lost']),
  /** Percent of winning, for forecasts. */
  probability: z.int().min(0).max(100),
  requires: z.array(Requirement).max(10),
  /** Where a deal may go from here; a won or lost stage usually leads nowhere. */
  next: z.array(z.string()).max(40),
  /** No deal enters it any more; deals and reports of the past still know it. */
  retired: z.boolean().optional(),
});
export type Stage = z.output<typeof Stage>;

/** A kind of sale with its own stages. Quick sales and long decisions are never counted together. */
export const DealType = z.object({ category: z.enum(['quick', 'complex']), stages: z.array(Stage).min(2).max(40) });
export type DealType = z.output<typeof DealType>;

function faultsOf({ stages }: DealType, before?: DealType): Fault[] {
  const ids = stages.map(({ id }) => id);
  const fault = (pointer: string, detail: string): Fault => ({
    pointer: `/body/body/stages${pointer}`,
    code: 'stage',
    detail,
  });
  return [
    ...(new Set(ids).size < ids.length ? [fault('', 'Two stages have the same id.')] : []),
    ...(stages[0]?.kind === 'open' ? [] : [fault('/0/kind', 'The first stage must be open: deals begin there.')]),
    ...(['won', 'lost'] as const).flatMap((kind) =>
      stages.some((stage) => stage.kind === kind) ? [] : [fault('', `A ${kind} stage is missing.`)],
    ),
    ...(before?.stages ?? [])
      .filter(({ id }) => !ids.includes(id))
      .map(({ id }) => fault('', `Stage ${id} cannot be removed, because deals were in it: set retired instead.`)),
    ...stages.flatMap(({ next }, place) =>
      next.filter((id) => !ids.includes(id)).map((id) => fault(`/${place}/next`, `There is no stage ${id}.`)),
    ),
  ];
}

export const dealTypeKind = settingKind('deal-type', 'deal-types', DealType, faultsOf);

export const stageOf = ({ stages }: DealType, id: string): Stage | undefined => stages.find((stage) => stage.id === id);
