/** What a conversation is given. */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Directory } from '../directory/directory.ts';
import type { Intake } from '../intake/intake.ts';
import type { TlsContexts } from '../net/tls-contexts.ts';
import type { Visit } from './guard.ts';
import type { Service } from './service.ts';
import type { ProgramDirectory } from './vouching.ts';

export interface ConversationParts {
  readonly service: Service;
  readonly intake: Intake;
  readonly directory: Pick<Directory, 'credentials'> & ProgramDirectory;
  readonly tls: TlsContexts | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How the client is treated, by what its network does. */
  readonly visit?: Visit;
}
