/**
 * The lock's commands as they go over the wire, rendered once for all masters.
 *
 * @module
 */
import { renderCommand, renderHeader, renderWord } from './resp-writer.js';
import { ACQUIRE_ALL, EXTEND, RELEASE, type Script } from './scripts.js';

/**
 * How a command is put: natively, or as a script by its SHA. `body` is a script sent whole, to a server that has lost it.
 */
export type Form = 'set' | 'setIfEqual' | 'delex' | 'delifeq' | 'acquireAll' | 'extend' | 'release' | 'body';

/** A rendered command, with what it takes to put it in another form. */
export interface WireRequest {
  readonly form: Form;
  readonly script: Script | undefined;
  readonly resources: readonly string[];
  readonly token: string;
  /** Undefined for a release. */
  readonly ttlMs: number | undefined;
  /** A byte string. */
  readonly text: string;
}

/**
 * Renders requests. A fan-out asks every master for the same in a row, so the last request of each form is kept: what
 * is rendered, and allocated, for N masters is rendered once. The masters of one client share one composer.
 */
export class Composer {
  readonly #last: Record<Exclude<Form, 'body'>, WireRequest | undefined> = {
    set: undefined,
    setIfEqual: undefined,
    delex: undefined,
    delifeq: undefined,
    acquireAll: undefined,
    extend: undefined,
    release: undefined,
  };

  /** The request in a form; natively it is for the first resource alone. */
  compose(
    form: Exclude<Form, 'body'>,
    resources: readonly string[],
    token: string,
    ttlMs: number | undefined,
  ): WireRequest {
    const last = this.#last[form];
    if (last?.resources === resources && last.ttlMs === ttlMs && last.token === token) return last;
    const request = { form, resources, token, ttlMs, ...render(form, resources, token, ttlMs) };
    this.#last[form] = request;
    return request;
  }

  /** The same script, sent whole. */
  withBody(request: WireRequest, { body }: Script): WireRequest {
    const { resources, token, ttlMs } = request;
    const args = ttlMs === undefined ? [token] : [token, ttlMs];
    return { ...request, form: 'body', text: renderCommand('EVAL', body, resources.length, ...resources, ...args) };
  }
}

function render(
  form: Exclude<Form, 'body'>,
  resources: readonly string[],
  token: string,
  ttlMs: number | undefined,
): Pick<WireRequest, 'script' | 'text'> {
  const key = resources[0] ?? '';
  switch (form) {
    case 'set':
      return { script: undefined, text: SET + renderWord(key) + renderWord(token) + renderTtl(ttlMs) + NX };
    case 'setIfEqual': {
      const word = renderWord(token);
      return { script: undefined, text: SET_IF_EQUAL + renderWord(key) + word + IFEQ + word + renderTtl(ttlMs) };
    }
    case 'delex':
      return { script: undefined, text: DELEX + renderWord(key) + IFEQ + renderWord(token) };
    case 'delifeq':
      return { script: undefined, text: DELIFEQ + renderWord(key) + renderWord(token) };
    case 'acquireAll':
      return renderBySha(ACQUIRE_ALL, resources, token, ttlMs);
    case 'extend':
      return renderBySha(EXTEND, resources, token, ttlMs);
    case 'release':
      return renderBySha(RELEASE, resources, token, ttlMs);
  }
}

function renderBySha(
  script: Script,
  resources: readonly string[],
  token: string,
  ttlMs: number | undefined,
): Pick<WireRequest, 'script' | 'text'> {
  let text = renderHeader(resources.length + (ttlMs === undefined ? 4 : 5)) + EVALSHA;
  text += renderWord(script.sha) + renderWord(resources.length);
  for (const resource of resources) text += renderWord(resource);
  text += renderWord(token);
  return { script, text: ttlMs === undefined ? text : text + renderWord(ttlMs) };
}

const SET = renderHeader(6) + renderWord('SET');
const SET_IF_EQUAL = renderHeader(7) + renderWord('SET');
const DELEX = renderHeader(4) + renderWord('DELEX');
const DELIFEQ = renderHeader(3) + renderWord('DELIFEQ');
const EVALSHA = renderWord('EVALSHA');
const IFEQ = renderWord('IFEQ');
const PX = renderWord('PX');
const NX = renderWord('NX');

function renderTtl(ttlMs: number | undefined): string {
  return PX + renderWord(ttlMs ?? 0);
}
