/**
 * A master behind a connection of our own: for load generation, and for those who count CPU.
 *
 * @module
 */
import { EnvironmentError } from '../model/errors.js';
import { describeLack, isCommandRefused, isOutOfMemory, SCRIPTS_ONLY, type Dialect } from './dialect.js';
import { MOST_UNANSWERED, OVERLOADED, SILENT, TOO_LATE } from './limits.js';
import { GRANTED, readVote, type Ballot, type Failure, type Master, type ScriptReply } from './master.js';
import { ReplyError, type RespValue } from './resp-reader.js';
import { renderCommand } from './resp-writer.js';
import type { Script } from './scripts.js';
import { WireConnection, type ConnectionSettings, type Correspondent } from './wire-connection.js';
import type { Composer, WireRequest } from './wire-requests.js';

/** Opens a connection of our own to an endpoint; nothing is sent before `connect`. */
export function wireMaster(settings: ConnectionSettings, composer: Composer, index: number): Master {
  return new WireMaster(settings, composer, index);
}

/** A command that is no vote: its reply goes to a callback. */
interface Call {
  readonly form: 'call';
  /** A subscription is answered by a push, unless it is refused. */
  readonly isSubscription: boolean;
  settle(reply: RespValue | Failure): void;
}

/** Who asks for a call: nobody votes. */
const NOBODY: Ballot = { isOpen: true, vote: () => undefined };

class WireMaster implements Master, Correspondent<WireRequest | Call, Ballot> {
  readonly name: string;
  readonly #index: number;
  readonly #settings: ConnectionSettings;
  readonly #composer: Composer;
  readonly #connection: WireConnection<WireRequest | Call, Ballot>;
  readonly #onReady: (() => void)[] = [];
  readonly #onLost: ((cause: Error) => void)[] = [];
  #dialect = SCRIPTS_ONLY;
  /** What the connection offered at first: `#dialect` may have been narrowed since. */
  #offered = SCRIPTS_ONLY;
  #subscription: { readonly channel: string; onMessage(message: string): void } | undefined;
  #isSubscribed = false;
  /** Whether the connection speaks RESP3: on one that speaks RESP2 a subscription would leave no room for commands. */
  #canPush = false;

  constructor(settings: ConnectionSettings, composer: Composer, index: number) {
    this.name = settings.name;
    this.#index = index;
    this.#settings = settings;
    this.#composer = composer;
    this.#connection = new WireConnection(settings, this);
  }

  async connect(): Promise<void> {
    await this.#connection.connect();
    const lack = this.#settings.commands === 'native' ? describeLack(this.#offered) : undefined;
    if (lack !== undefined) throw new EnvironmentError(`${this.name}: ${lack}`);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  onReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  onLost(listener: (cause: Error) => void): void {
    this.#onLost.push(listener);
  }

  setIfAbsent(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    const connection = this.#connection;
    if (connection.isSilent || connection.unanswered >= MOST_UNANSWERED) {
      ballot.vote(this.#index, connection.obstacle ?? (connection.isSilent ? SILENT : OVERLOADED));
      return;
    }
    const form = resources.length === 1 ? 'set' : 'acquireAll';
    this.#ask(this.#composer.compose(form, resources, token, ttlMs), ballot);
  }

  compareAndExpire(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    const form = resources.length === 1 && this.#dialect.extend === 'setIfEqual' ? 'setIfEqual' : 'extend';
    this.#ask(this.#composer.compose(form, resources, token, ttlMs), ballot);
  }

  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    const { release } = this.#dialect;
    const form = resources.length === 1 && release !== 'script' ? release : 'release';
    this.#ask(this.#composer.compose(form, resources, token, undefined), ballot);
  }

  evaluate(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onReply: (reply: ScriptReply) => void,
  ): void {
    this.#call(renderCommand('EVALSHA', script.sha, keys.length, ...keys, ...args), (reply) => {
      if (!isScriptMissing(reply)) onReply(toScriptReply(reply));
      else {
        this.#call(renderCommand('EVAL', script.body, keys.length, ...keys, ...args), (second) => {
          onReply(toScriptReply(second));
        });
      }
    });
  }

  publish(channel: string, message: string, onReply: (receivers: number) => void): void {
    this.#call(renderCommand('PUBLISH', channel, message), (reply) => {
      onReply(typeof reply === 'number' ? reply : 0);
    });
  }

  subscribe(channel: string, onMessage: (message: string) => void): void {
    if (this.#subscription !== undefined) return;
    this.#subscription = { channel, onMessage };
    if (this.#canPush) this.#sendSubscription(channel);
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  handleReply(question: WireRequest | Call, ballot: Ballot, reply: RespValue): void {
    if (question.form === 'call') question.settle(reply);
    else if (reply === 'OK' || reply === 1) ballot.vote(this.#index, GRANTED);
    else if (reply instanceof ReplyError) this.#handleError(question, ballot, reply);
    else ballot.vote(this.#index, readVote(reply));
  }

  handleDrop(question: WireRequest | Call, ballot: Ballot, failure: Failure): void {
    if (question.form === 'call') question.settle(failure);
    else ballot.vote(this.#index, failure);
  }

  handlePush([kind, channel, message]: readonly RespValue[]): void {
    const subscription = this.#subscription;
    if (subscription === undefined || channel !== subscription.channel) return;
    if (kind === 'message' && typeof message === 'string') subscription.onMessage(message);
    else if (kind === 'subscribe') {
      this.#isSubscribed = true;
      // The push stands in for the reply. Replies and confirmations come in the order of their commands.
      const { oldest } = this.#connection;
      if (oldest?.form === 'call' && oldest.isSubscription) this.#connection.settleOldest();
    }
  }

  handleReady(dialect: Dialect, protocol: 2 | 3): void {
    this.#dialect = dialect;
    this.#offered = dialect;
    this.#canPush = protocol === 3;
    if (this.#canPush && this.#subscription !== undefined) this.#sendSubscription(this.#subscription.channel);
    for (const listener of this.#onReady) listener();
  }

  handleLoss(cause: Error): void {
    this.#isSubscribed = false;
    this.#canPush = false;
    for (const listener of this.#onLost) listener(cause);
  }

  #ask(request: WireRequest, ballot: Ballot): void {
    const connection = this.#connection;
    if (connection.obstacle === undefined) connection.ask(request.text, request, ballot);
    else ballot.vote(this.#index, connection.obstacle);
  }

  #call(text: string, settle: (reply: RespValue | Failure) => void): void {
    const connection = this.#connection;
    if (connection.obstacle === undefined)
      connection.ask(text, { form: 'call', isSubscription: false, settle }, NOBODY);
    else settle(connection.obstacle);
  }

  /** Without the right to subscribe the answer is an error, and nothing follows. */
  #sendSubscription(channel: string): void {
    const subscription: Call = { form: 'call', isSubscription: true, settle: () => undefined };
    this.#connection.ask(renderCommand('SUBSCRIBE', channel), subscription, NOBODY);
  }

  /**
   * An error reply is a failed vote, unless another form of the command may do: the script where the server does not
   * have or does not allow the native command, the whole script where it has lost it by a restart or SCRIPT FLUSH.
   *
   * What is sent again is written later than its caller believes. If its votes were settled meanwhile, an acquisition
   * would come after its release and leave a key that nobody releases, and an extension after a later one, whose ttl it
   * would take back: those stay at home. A late deletion deletes by token, and does no harm.
   */
  #handleError(request: WireRequest, ballot: Ballot, error: ReplyError): void {
    const { form, script, resources, token, ttlMs } = request;
    const isTooLate = ttlMs !== undefined && !ballot.isOpen;
    if (script === undefined) {
      const scripted = this.#retreat(form, error.message);
      if (scripted !== undefined && !isTooLate) {
        this.#ask(this.#composer.compose(scripted, resources, token, ttlMs), ballot);
        return;
      }
    } else if (form !== 'body' && isScriptMissing(error)) {
      if (isTooLate) ballot.vote(this.#index, TOO_LATE);
      else this.#ask(this.#composer.withBody(request, script), ballot);
      return;
    }
    ballot.vote(this.#index, { kind: 'failed', reached: 'answered', cause: error });
  }

  /**
   * The script to use instead of a native command that got this error, from now on if the server refuses the command as
   * such; undefined when a script would get the same answer.
   */
  #retreat(form: WireRequest['form'], message: string): 'release' | 'extend' | undefined {
    if (form === 'setIfEqual') {
      if (isOutOfMemory(message)) return 'extend';
      if (!isCommandRefused(message)) return undefined;
      this.#dialect = { ...this.#dialect, extend: 'script' };
      return 'extend';
    }
    if (form === 'set' || !isCommandRefused(message)) return undefined;
    this.#dialect = { ...this.#dialect, release: 'script' };
    return 'release';
  }
}

function isScriptMissing(reply: RespValue | Failure): boolean {
  return reply instanceof ReplyError && reply.message.startsWith('NOSCRIPT');
}

/** A reply as a script's caller knows it; the booleans of RESP3 as RESP2 has them. */
function toScriptReply(reply: RespValue | Failure): ScriptReply {
  if (reply === true) return 1;
  if (reply === false) return null;
  if (reply instanceof ReplyError) return { kind: 'failed', reached: 'answered', cause: reply };
  return isList(reply) ? reply.map(toScriptReply) : reply;
}

function isList(reply: RespValue | Failure): reply is readonly RespValue[] {
  return Array.isArray(reply);
}
