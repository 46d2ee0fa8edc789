/** What the driver needs of a structured logger (pino's has it): fields first, then one sentence. */
export interface DriverLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
