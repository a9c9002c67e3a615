import { unchanged, type Check, type Write } from '#shared/table/write.ts';
import { get, type Read } from '#shared/table/read.ts';
import { settings, settingUses } from './store.ts';

/*
 * A rule and the field it names may be changed at one moment by two people: each would look at what the other has not
 * written yet. So whoever saves a setting that rests on another counts that one's uses on, and whoever changes a setting
 * that others rest on does so only while nobody counted.
 */
type Key = { kind: string; id: string };

/** What was looked at while settings were checked, and what must go into the transaction because of it. */
export type Ties = { checks: Check[]; writes(read: Read): Promise<Write[]> };

const stillThere = (key: Check['key'], version: number | undefined): Check =>
  version === undefined ? { key, ConditionExpression: 'attribute_not_exists(pk)' } : unchanged(key, version);

export class Looked {
  readonly #rested = new Map<string, Key>();
  readonly #checks = new Map<string, Check>();

  /** A setting that another one rests on was read, in this version. */
  rests(key: Key, version: number | undefined): void {
    this.#rested.set(`${key.kind}/${key.id}`, key);
    this.#checks.set(`${key.kind}/${key.id}`, stillThere(settings.key(key), version));
  }

  /** A setting is to change that others may rest on: before it is asked which. */
  async changes(key: Key): Promise<void> {
    const use = await get(settingUses, key);
    this.#checks.set(`use ${key.kind}/${key.id}`, stillThere(settingUses.key(key), use?.version));
  }

  ties(): Ties {
    return {
      checks: [...this.#checks.values()],
      writes: async (read) => {
        const writes: Write[] = [];
        for (const key of this.#rested.values()) {
          const use = await read.get(settingUses, key);
          writes.push(use ? settingUses.save(use, {}) : settingUses.create({ ...key, version: 1 }));
        }
        return writes;
      },
    };
  }
}
