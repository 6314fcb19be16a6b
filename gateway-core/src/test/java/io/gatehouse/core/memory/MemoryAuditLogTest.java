package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditRecord;
import io.gatehouse.contract.AuditLogContract;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MemoryAuditLogTest extends AuditLogContract {

  private final AuditLog log = new MemoryAuditLog();

  @Override
  protected AuditLog log() {
    return log;
  }

  @Test
  void the_oldest_give_way() {
    AuditLog small = new MemoryAuditLog(2);
    for (int i = 0; i < 5; i++) {
      small.record(new AuditRecord("id" + i, Instant.ofEpochMilli(i), "a", "", "", "", "op", "users/" + i, "", ""));
    }

    assertThat(small.newest(AuditLog.Question.between(Instant.EPOCH, Instant.ofEpochMilli(9)), 9))
        .extracting(AuditRecord::id)
        .containsExactly("id4", "id3");
  }
}
