package io.gatehouse.core.memory;

import io.gatehouse.contract.TrafficLogContract;
import io.gatehouse.event.TrafficLog;

class MemoryTrafficLogTest extends TrafficLogContract {

  private final TrafficLog log = new MemoryTrafficLog();

  @Override
  protected TrafficLog log() {
    return log;
  }
}
