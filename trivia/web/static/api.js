/** What the service refused or could not do; `errors` is a list of {path, message}, `status` is 0 where there was no answer. */
export class Problem extends Error {
  constructor(status, detail, { type = "", errors = [], retryAfter = 0 } = {}) {
    super(detail);
    this.status = status;
    this.type = type;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

const KEY = "trivia.session";
const POSITION = "trivia.position";
const EPOCH = "trivia.epoch";
const MIN_POSITION = "X-Min-Position";
const LOG_EPOCH = "X-Log-Epoch";
const OTHER_EPOCH = "/problems/other-epoch";

/** The service, for one user. Tokens are kept for as long as the tab is open, and for it alone. */
export class Api {
  #session = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  #refreshing = null;
  /** How far the service had got in its log, by the highest position that it has told us: it is not to answer from before that. */
  #position = Number(sessionStorage.getItem(POSITION) ?? 0);
  /** The epoch of the log that this position is of. */
  #epoch = sessionStorage.getItem(EPOCH) ?? "";

  /** Who is signed in, or null. */
  get user() {
    return this.#session?.user ?? null;
  }

  async signIn(path, body) {
    this.#keep(await this.#send("POST", path, { body }));
  }

  async signOut() {
    const token = this.#session?.refresh_token;
    this.#keep(null);
    if (token) await this.#send("POST", "/auth/logout", { body: { refresh_token: token } });
  }

  /** Forget who is signed in, since the service does not know them any more. */
  forget() {
    this.#keep(null);
  }

  /** Send a request as the user; an access token that has run out is exchanged once. Raises Problem. */
  async call(method, path, options = {}) {
    const used = this.#session?.access_token;
    try {
      return await this.#send(method, path, { ...options, token: used });
    } catch (problem) {
      if (problem.status !== 401 || !this.#session?.refresh_token) throw problem;
      if (this.#session.access_token === used) await this.#refresh();
      return await this.#send(method, path, { ...options, token: this.#session.access_token });
    }
  }

  /** One exchange at a time: a refresh token shown twice would end the login. */
  #refresh() {
    this.#refreshing ??= this.#send("POST", "/auth/refresh", { body: { refresh_token: this.#session.refresh_token } })
      .then((session) => this.#keep(session))
      .finally(() => {
        this.#refreshing = null;
      });
    return this.#refreshing;
  }

  #keep(session) {
    this.#session = session;
    if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
    else sessionStorage.clear();
    this.#notice(this.#position, this.#epoch);
  }

  async #send(method, path, options = {}) {
    const minimum = method === "GET" ? this.#position : 0;
    try {
      return await this.#sendOnce(method, path, { ...options, minimum });
    } catch (problem) {
      // The service lags far behind, or its log has another history by now: what it knows is better than nothing.
      const isOther = problem.type === OTHER_EPOCH;
      const isRefused = problem.status === 400 && problem.errors.some((fault) => fault.path === MIN_POSITION);
      if (!minimum || (!isOther && !isRefused && problem.status !== 504)) throw problem;
      if (isOther || isRefused) this.#notice(0, "");
      return await this.#sendOnce(method, path, options);
    }
  }

  #notice(position, epoch) {
    this.#position = position;
    this.#epoch = epoch;
    // Nothing is left behind after signing out.
    if (!this.#session) return;
    sessionStorage.setItem(POSITION, position);
    sessionStorage.setItem(EPOCH, epoch);
  }

  async #sendOnce(method, path, { body, token, key, minimum = 0 } = {}) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    if (key) headers["Idempotency-Key"] = key;
    if (minimum) {
      headers[MIN_POSITION] = String(minimum);
      if (this.#epoch) headers[LOG_EPOCH] = this.#epoch;
    }
    let response;
    let answer;
    try {
      response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await response.text();
      answer = text ? JSON.parse(text) : null;
    } catch {
      throw new Problem(0, "The service cannot be reached. Is the network there?");
    }
    if (!response.ok) {
      throw new Problem(response.status, answer?.detail ?? `The service answered ${response.status}.`, {
        type: answer?.type,
        errors: answer?.errors ?? [],
        retryAfter: Number(response.headers.get("Retry-After") ?? 0),
      });
    }
    const position = Number(response.headers.get("X-Event-Position") ?? 0);
    const epoch = response.headers.get(LOG_EPOCH) ?? "";
    // Positions of another epoch say nothing about this one's.
    if (position && (position > this.#position || epoch !== this.#epoch)) this.#notice(position, epoch);
    return answer;
  }
}

/** A name for one request, so that it can be sent again without happening twice. Works without HTTPS, where randomUUID does not. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
