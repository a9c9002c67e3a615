import { inForce } from '#functions/settings/store.ts';
import { instantIn, type PlainDate } from '#shared/time.ts';
import { addWorkingMinutes, calendarKind, MAIN_CALENDAR, nextWorkingMoment } from './calendar.ts';

const calendar = async () => (await inForce(calendarKind, MAIN_CALENDAR))?.body;

/** So many minutes of the firm's working time later, on the clocks of a zone; undefined where the firm has no calendar. */
export async function inWorkingMinutes(from: string, minutes: number, zone?: string): Promise<string | undefined> {
  const found = await calendar();
  return found && addWorkingMinutes(found, from, minutes, zone);
}

/** When work begins on a day, or on the next working day; without a calendar that is nine o'clock. */
export async function startOfWork(date: PlainDate, zone: string): Promise<string> {
  const found = await calendar();
  return found ? nextWorkingMoment(found, instantIn(zone, date), zone) : instantIn(zone, date, '09:00');
}
