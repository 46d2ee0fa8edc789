/** log4j2 configuration of a broker: everything to the console, where Drover rotates it; a story at INFO without one line a request. */
export const LOGGING_PROPERTIES = `status=error
name=broker
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=info
rootLogger.appenderRef.console.ref=console
logger.requests.name=kafka.request.logger
logger.requests.level=warn
logger.network.name=kafka.network.RequestChannel$
logger.network.level=warn
logger.configs.name=org.apache.kafka.common.config.AbstractConfig
logger.configs.level=warn
`;
