import type { Calendar } from '#functions/activities/calendar.ts';
import { addDays, daysBetween } from '#shared/time.ts';

const both = (ru: string, en: string) => ({ ru, en });
type Day = Calendar['days'][number];

const work = [{ from: '09:00', to: '18:00' }];
const short = [{ from: '09:00', to: '17:00' }];

const off = (from: string, to: string, ru: string, en: string): Day[] =>
  Array.from({ length: daysBetween(from, to) + 1 }, (_, day) => ({
    date: addDays(from, day),
    hours: [],
    name: both(ru, en),
  }));
const shorter = (date: string): Day => ({ date, hours: short, name: both('Сокращённый день', 'Short day') });

/**
 * Working time in Russia: nine to six, Monday to Friday. The days off of 2026 are those of the Labour Code (article 112)
 * with the moves of that year; those of 2027 are by the Code alone, because moves are decided each year: the firm checks both.
 */
export const workingCalendar: Calendar = {
  zone: 'Europe/Moscow',
  week: [work, work, work, work, work, [], []],
  days: [
    ...off('2026-01-01', '2026-01-09', 'Новогодние каникулы', 'New Year holidays'),
    ...off('2026-02-23', '2026-02-23', 'День защитника Отечества', 'Defender of the Fatherland Day'),
    ...off('2026-03-09', '2026-03-09', 'Международный женский день', "International Women's Day"),
    shorter('2026-04-30'),
    ...off('2026-05-01', '2026-05-01', 'Праздник Весны и Труда', 'Spring and Labour Day'),
    shorter('2026-05-08'),
    ...off('2026-05-11', '2026-05-11', 'День Победы', 'Victory Day'),
    shorter('2026-06-11'),
    ...off('2026-06-12', '2026-06-12', 'День России', 'Russia Day'),
    shorter('2026-11-03'),
    ...off('2026-11-04', '2026-11-04', 'День народного единства', 'National Unity Day'),
    ...off('2026-12-31', '2026-12-31', 'Перенесённый выходной', 'Moved day off'),
    ...off('2027-01-01', '2027-01-08', 'Новогодние каникулы', 'New Year holidays'),
    ...off('2027-02-23', '2027-02-23', 'День защитника Отечества', 'Defender of the Fatherland Day'),
    ...off('2027-03-08', '2027-03-08', 'Международный женский день', "International Women's Day"),
    ...off('2027-05-03', '2027-05-03', 'Праздник Весны и Труда', 'Spring and Labour Day'),
    ...off('2027-05-10', '2027-05-10', 'День Победы', 'Victory Day'),
    ...off('2027-06-14', '2027-06-14', 'День России', 'Russia Day'),
    ...off('2027-11-04', '2027-11-04', 'День народного единства', 'National Unity Day'),
  ],
};
