/**
 * Connections for commands that need one to themselves.
 *
 * @module
 */
import type { Endpoint } from '../model/endpoint.js';
import { ServerConnection, type Caller, type ConnectionSettings } from './server-connection.js';

/** Lends each task a connection; there are as many as tasks ever ran at the same time. */
export class ConnectionPool {
  readonly #endpoint: Endpoint;
  readonly #settings: ConnectionSettings;
  readonly #all = new Set<ServerConnection>();
  readonly #free: ServerConnection[] = [];
  #isClosed = false;

  private constructor(endpoint: Endpoint, settings: ConnectionSettings) {
    this.#endpoint = endpoint;
    this.#settings = settings;
  }

  /**
   * Opens the pool, with a first connection.
   *
   * @throws EnvironmentError when the server cannot be reached
   */
  static async open(endpoint: Endpoint, settings: ConnectionSettings): Promise<ConnectionPool> {
    const pool = new ConnectionPool(endpoint, settings);
    pool.#free.push(await pool.#grow());
    return pool;
  }

  /** Runs a task on a connection that nobody else uses. Whatever it rejects with closes the connection: its state is unknown. */
  async use<T>(task: (server: Caller) => Promise<T>): Promise<T> {
    const connection = this.#takeFree() ?? (await this.#grow());
    try {
      const result = await task(connection);
      this.#free.push(connection);
      return result;
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((connection) => connection.close()));
  }

  /** One that lost its server meanwhile is let go: the server may be there for another. */
  #takeFree(): ServerConnection | undefined {
    for (;;) {
      const connection = this.#free.pop();
      if (connection === undefined || connection.isReady) return connection;
      this.#drop(connection);
    }
  }

  #drop(connection: ServerConnection): void {
    this.#all.delete(connection);
    void connection.close();
  }

  async #grow(): Promise<ServerConnection> {
    const connection = await ServerConnection.open(this.#endpoint, this.#settings);
    this.#all.add(connection);
    if (!this.#isClosed) return connection;
    await connection.close();
    throw new Error(`${connection.name}: the client was closed`);
  }
}
