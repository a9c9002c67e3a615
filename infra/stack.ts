import { Annotations, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addRoutes, httpApi } from './api.ts';
import { deadLetters, eventBus, followStream, hear } from './bus.ts';
import { clock, mayCall } from './clock.ts';
import { type Context, NOBODY } from './context.ts';
import { failuresBucket, filesBucket } from './files.ts';
import { type Code, otherFunctions, workerFunctions } from './functions.ts';
import { signIn } from './identity.ts';
import { mail, serveMail } from './mail.ts';
import { schedules } from './schedules.ts';
import { installationSecret } from './secret.ts';
import { site } from './site.ts';
import { mainTable } from './table.ts';
import { watch } from './watch.ts';
import { workflows } from './workflows.ts';

type SdelkaProps = {
  context: Context;
  code: Code;
  /** Folder with `*.asl.json`. */
  workflowFolder: string;
  /** Folder of the built console; uploaded when it is there. */
  consoleFolder: string;
};

/** The whole of one firm's sales department. */
export class Sdelka extends Stack {
  constructor(scope: Construct, id: string, { context, code, workflowFolder, consoleFolder }: SdelkaProps) {
    super(scope, id, {
      description: 'Sdelka: a sales department as one serverless application',
      terminationProtection: true,
      tags: { application: 'sdelka', stage: context.stage },
    });
    const { logDays, adminEmail } = context;

    // What keeps.
    const table = mainTable(this, context);
    const failures = failuresBucket(this);
    const files = filesBucket(this);
    const secret = installationSecret(this);

    // Ways in and out.
    const api = httpApi(this, logDays);
    const address = site(this, api, context, consoleFolder);
    const bus = eventBus(this);
    const dead = deadLetters(this);
    const post = mail(this, context);

    // What works.
    const due = clock(this, dead);
    const outside = { mail: post, site: address, signIn: signIn(this, context, address) };
    const around = { secret, bus, failures, files, clock: due, ...outside };
    const given = { table, logDays, around };
    const workers = workerFunctions(this, code, given);
    const machines = workflows(this, workflowFolder, workers, logDays);
    const functions = otherFunctions(this, code, given, machines);
    const { relay, events, letters, schedule, query, webhooks } = functions;

    // What calls what.
    addRoutes(api, { ...functions, ...workers }, code.entries);
    followStream(this, table, relay, failures);
    const heard = (entry: string) => ({ bus, dead, types: code.entries[entry]?.listens });
    hear(this, 'Heard', events, { ...heard('events'), what: 'What the domains listen to' });
    hear(this, 'LetterQueued', letters, { ...heard('letters'), what: 'A letter waits' });
    hear(this, 'ToldOutside', webhooks, {
      ...heard('webhooks'),
      what: 'Other systems are told of whatever they chose',
    });
    serveMail(letters, post, dead);
    schedules(this, functions, dead);
    mayCall(due.role, [schedule], dead);
    for (const called of [events, letters, schedule, query, webhooks]) called.keepFailures(failures);

    // What tells people.
    watch(this, { functions: { ...functions, ...workers }, workflows: Object.values(machines), api, dead }, adminEmail);
    this.#warn(context);
  }

  /** A stack can be looked at and run locally without a firm's own settings; before deployment they are asked for. */
  #warn({ sender, adminEmail }: Context): void {
    if (sender === NOBODY)
      Annotations.of(this).addWarningV2(
        'sdelka:sender',
        'No letter can be sent: give the address they come from, -c sender=sales@your.domain',
      );
    if (adminEmail === NOBODY)
      Annotations.of(this).addWarningV2(
        'sdelka:admin',
        'Nobody can sign in: give the e-mail of the first admin, -c adminEmail=you@your.domain',
      );
  }
}
