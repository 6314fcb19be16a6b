package io.gatehouse.core.memory;

import io.gatehouse.contract.RequestLogContract;
import io.gatehouse.event.RequestLog;

class MemoryRequestLogTest extends RequestLogContract {

  private final RequestLog log = new MemoryRequestLog();

  @Override
  protected RequestLog log() {
    return log;
  }
}
