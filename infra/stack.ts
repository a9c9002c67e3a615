import { Annotations, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addRoutes, httpApi } from './api.ts';
import { deadLetters, eventBus, followStream, hear } from './bus.ts';
import { type Context, NOBODY } from './context.ts';
import { failuresBucket } from './files.ts';
import { type Code, otherFunctions, tasksFunction } from './functions.ts';
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
    const secret = installationSecret(this);

    // Ways in and out.
    const api = httpApi(this, logDays);
    const address = site(this, api, context, consoleFolder);
    const bus = eventBus(this);
    const dead = deadLetters(this);
    const post = mail(this, context);

    // What works.
    const around = { secret, bus, failures, mail: post, site: address, signIn: signIn(this, context, address) };
    const given = { table, logDays, around };
    const tasks = tasksFunction(this, code, given);
    const machines = workflows(this, workflowFolder, tasks, logDays);
    const functions = otherFunctions(this, code, given, machines);
    const { relay, events, letters, schedule } = functions;

    // What calls what.
    addRoutes(api, functions);
    followStream(this, table, relay, failures);
    hear(this, 'Heard', events, {
      bus,
      dead,
      what: 'What the domains listen to',
      types: code.entries['events']?.listens,
    });
    hear(this, 'LetterQueued', letters, { bus, dead, what: 'A letter waits', types: ['letter.queued'] });
    serveMail(letters, post, table, dead);
    schedules(this, functions, dead);
    for (const called of [events, letters, schedule]) called.keepFailures(failures);

    // What tells people.
    watch(this, { functions: { ...functions, tasks }, workflows: Object.values(machines), api, dead }, adminEmail);
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
