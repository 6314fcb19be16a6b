package io.gatehouse.core.memory;

import io.gatehouse.contract.UsageLogContract;
import io.gatehouse.event.UsageLog;

class MemoryUsageLogTest extends UsageLogContract {

  private final UsageLog log = new MemoryUsageLog();

  @Override
  protected UsageLog log() {
    return log;
  }
}
