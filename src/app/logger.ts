/** The log of the server itself: pino, one JSON object a line, on standard error of the process from whichever thread. */
import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import type { Fields, Log } from '../base/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export function openLog(level: LogLevel, fields: Fields): Log {
  const logger = pino(
    {
      level,
      base: fields,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorFields },
    },
    destination({ fd: 2, sync: true }),
  );
  return wrap(logger);
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause: errorFields(cause) }) };
}
